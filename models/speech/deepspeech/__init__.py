"""DeepSpeech 0.9.2 as the original system uses it: sound to 29 letter probabilities, 50 times a second."""
