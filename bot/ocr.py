"""Words in pictures, read on this machine by RapidOCR. Needs the `ocr` extra."""

from threading import Lock

from rapidocr_onnxruntime import RapidOCR

SURE = 0.6
"""How sure a line has to be to count."""

MOST_LINES = 40


class Words:
    """Reads one picture at a time, with one thread: messages are handled beside it."""

    def __init__(self) -> None:
        self._read = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
        self._lock = Lock()

    def __call__(self, content: bytes) -> str:
        """The lines of a picture that is known to be one; empty where there are none."""
        with self._lock:
            found, _ = self._read(content)
        lines = [str(text) for _, text, sure in found or () if float(sure) >= SURE]
        return "\n".join(lines[:MOST_LINES])
