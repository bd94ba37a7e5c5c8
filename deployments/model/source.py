"""Find the files of a model: in a folder, or on the Hugging Face Hub."""

from dataclasses import dataclass
from pathlib import Path

from deployments.model.errors import ModelUnusable, first_line

SHIPPED = Path(__file__).parent / "weights"
SHIPPED_NAME = "hosting-lab-sentiment"
# What transformers reads. Repositories on the Hub also hold weights for other libraries.
_FILES = ("*.json", "*.txt", "*.model", "*.safetensors")
_OTHER_LIBRARIES = ("onnx/*", "openvino/*", "coreml/*")


@dataclass(frozen=True)
class ModelSource:
    """A model in a folder, and the name that people know it by."""

    name: str
    folder: Path


def find_source(model_id: str) -> ModelSource:
    """Return the folder of a model, and download it if it is not there yet.

    Args:
        model_id: A folder, or an ID on the Hugging Face Hub.

    Raises:
        ModelUnusable: There is no such folder, and the Hub does not provide such a model.
    """
    folder = Path(model_id)
    if folder.is_dir():
        is_shipped = folder.resolve() == SHIPPED
        return ModelSource(SHIPPED_NAME if is_shipped else model_id, folder.resolve())
    try:
        import huggingface_hub  # takes a while, and most starts need no Hub
    except ImportError:
        raise ModelUnusable(
            f"MODEL_ID is {model_id!r}. This service can use only the model that it was built "
            "with, because the library that downloads others is not installed. For a container, "
            "build the image with another model: MODEL_ID is a build argument of the Dockerfile."
        ) from None
    try:
        downloaded = huggingface_hub.snapshot_download(
            model_id, allow_patterns=list(_FILES), ignore_patterns=list(_OTHER_LIBRARIES)
        )
        if not any(Path(downloaded).glob("*.safetensors")):  # an older model
            downloaded = huggingface_hub.snapshot_download(
                model_id,
                allow_patterns=[*_FILES, "*.bin"],
                ignore_patterns=list(_OTHER_LIBRARIES),
            )
    except Exception as error:  # the Hub's client raises many types of them
        raise ModelUnusable(
            f"MODEL_ID is {model_id!r}. There is no such folder, and the Hugging Face Hub could "
            f"not provide such a model: {first_line(error)}. Check the spelling and the "
            "connection, or unset MODEL_ID to use the shipped model, which needs no internet."
        ) from error
    return ModelSource(model_id, Path(downloaded))
