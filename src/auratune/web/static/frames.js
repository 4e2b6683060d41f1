// Drawing in small pieces, a few in each frame, so that scrolling is smooth while much is drawn.

const MOST_MILLISECONDS = 8;
const pieces = new Map();
let drawing = null;

/** Draws a piece in one of the next frames; of several with the same key, the last. */
export function inFrame(key, draw) {
  pieces.set(key, draw);
  drawing ??= drawAll().finally(() => { drawing = null; });
}

/** Resolves when every piece is drawn. */
export const drawn = async () => drawing;

async function drawAll() {
  while (pieces.size) {
    // A hidden page has no frames.
    await new Promise(document.hidden ? setTimeout : requestAnimationFrame);
    const end = performance.now() + MOST_MILLISECONDS;
    for (const [key, draw] of pieces) {
      pieces.delete(key);
      draw();
      if (performance.now() > end) break;
    }
  }
}
