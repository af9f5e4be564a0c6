"""Where the files of the original system's models are, and under which terms, as their owners' pages say.

Addresses are those the owners give; where others found one gone, it says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Origin:
    """Files of one owner: their names, the page or link to get them from, what to know of it, and their licence."""

    files: tuple[str, ...]
    address: str
    note: str
    licence: str


STYLE_AVATAR: Final = "https://github.com/wuhaozhe/style_avatar"  # no licence file, and none in its readme
DEEP3D: Final = "https://github.com/microsoft/Deep3DFaceReconstruction"
UNSTATED: Final = "none stated; ask the authors before more than private study"
LINKED: Final = "linked from github.com/wuhaozhe/style_avatar"
BASEL_TABLES: Final = "MIT, as the repository; made with the Basel model, whose terms apply too"
BASEL_WEIGHTS: Final = "none stated for the weights, MIT for the code; the Basel model's terms apply too"

BFM09: Final = (
    Origin(
        files=("01_MorphableModel.mat",),
        address="https://faces.dmi.unibas.ch/bfm/index.php?nav=1-2&id=downloads",
        note="register for the model of 2009",
        licence="the university's agreement, made there: non-commercial research, no passing on",
    ),
    Origin(
        files=("Exp_Pca.bin",),
        address="https://github.com/Juyong/3DFace",
        note="in Coarse_Dataset.zip behind the link CoarseData",
        licence="research only, commercial use prohibited",
    ),
    Origin(
        files=("BFM_exp_idx.mat", "BFM_front_idx.mat", "facemodel_info.mat", "std_exp.txt"),
        address=DEEP3D,
        note="in the folder BFM; put them beside the first",
        licence=BASEL_TABLES,
    ),
    Origin(
        files=("BFM_model_front.mat",),
        address=STYLE_AVATAR,
        note="instead of all these; in deep_3drecon/BFM by Git LFS, reported gone",
        licence="made from all these, whose terms apply",
    ),
    Origin(
        files=("uv.npy",),
        address=STYLE_AVATAR,
        note="may follow at the end of the command, or be left out",
        licence=UNSTATED,
    ),
)
STYLE_FUSION: Final = (
    Origin(
        files=("backbone.pkl",),
        address="https://cloud.tsinghua.edu.cn/f/acb6d482a26e4eb8b116/",
        note=LINKED,
        licence=UNSTATED,
    ),
)
POSE_FUSION: Final = (
    Origin(
        files=("pose.pkl", "scale.json"),
        address=STYLE_AVATAR,
        note="never published: your own training's backbone.pkl with 7 outputs, and the mean and std that it took",
        licence="as you say; of the data that you trained on, too",
    ),
)
DEEPSPEECH: Final = (
    Origin(
        files=("deepspeech-0.9.2-checkpoint.tar.gz",),
        address="https://github.com/mozilla/DeepSpeech/releases/tag/v0.9.2",
        note="among the assets of the release",
        licence="MPL-2.0",
    ),
)
NEURAL_RENDERER: Final = (
    Origin(
        files=("tex_encoder.pkl",),
        address="https://cloud.tsinghua.edu.cn/f/c60a3466016948c48951/",
        note=LINKED,
        licence=UNSTATED,
    ),
    Origin(
        files=("face_unet.pkl",),
        address="https://cloud.tsinghua.edu.cn/f/106023055772444f8f15/",
        note=LINKED,
        licence=UNSTATED,
    ),
)
R_NET: Final = (
    Origin(
        files=("FaceReconModel.pb",),
        address="https://drive.google.com/file/d/176LCdUDxAj7T2awQ5knPMPawq5Q2RUWM/view",
        note="linked from github.com/microsoft/Deep3DFaceReconstruction",
        licence=BASEL_WEIGHTS,
    ),
    Origin(
        files=("epoch_20.pth",),
        address="https://drive.google.com/drive/folders/1liaIxn9smpudjjqMaWWRpP0mXRW_qRPP",
        note="linked from github.com/sicxu/Deep3DFaceRecon_pytorch",
        licence=BASEL_WEIGHTS,
    ),
)
STANDARD_FACE: Final = (
    Origin(files=("similarity_Lm3D_all.mat",), address=DEEP3D, note="in the folder BFM", licence=BASEL_TABLES),
)
