// Mouth shapes of a recording by the npm package @met4citizen/headaudio, which is made for browsers:
//
//     node headaudio.mjs PACKAGE_FOLDER SOUND.f32 CUES.json
//
// SOUND.f32: mono float32 samples at 16 kHz. The package's node and its audio processor are wired together without a
// browser, the sound goes through in real time's order, and what the node says the face should show is read 25 times a
// second. The sound of each frame is heard LATENCY seconds before the frame, the delay the package's README advises.

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const RATE = 16000, FPS = 25, LATENCY = 0.1, QUANTUM = 128;
const HALF = 0.75 / 2; // of the largest value that the node gives the lips' shapes
const ASLEEP = 0.1; // no shape above this: the face at rest

const [folder, sound, cues] = process.argv.slice(2).map((path) => resolve(path));
globalThis.AudioWorkletNode = class {
  constructor() {
    this.port = { postMessage: (data) => processor._onmessage({ data }), onmessage: null };
  }
};
const load = (name) => import(pathToFileURL(join(folder, "modules", name)).href);
const { HeadAudio } = await load("headaudio.mjs");
const { Processor } = await load("processor.mjs");

const processor = new Processor({ sampleRate: RATE }, { port: { postMessage: (data) => node._onmessage({ data }) } });
const node = new HeadAudio(null);
const values = {};
node.onvalue = (name, value) => { values[name.replace("viseme_", "")] = value; };
const model = readFileSync(join(folder, "dist", "model-en-mixed.bin")).toString("base64");
await node.loadModel(`data:application/octet-stream;base64,${model}`);

const bytes = readFileSync(sound);
const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
const mouthCues = [];
let heard = 0;
for (let frame = 0; frame / FPS < samples.length / RATE; frame++) {
  while (heard < samples.length && (heard + QUANTUM) / RATE <= frame / FPS + LATENCY) {
    processor.process(samples.subarray(heard, heard + QUANTUM));
    heard += QUANTUM;
  }
  node.update(1000 / FPS);
  mouthCues.push({ start: frame / FPS, end: (frame + 1) / FPS, value: shape() });
}
writeFileSync(cues, JSON.stringify({ mouthCues }));

function shape() {
  if ((values.PP ?? 0) >= HALF) return "PP";
  if ((values.FF ?? 0) >= HALF) return "FF";
  return Object.values(values).some((value) => value > ASLEEP) ? "open" : "sil";
}
