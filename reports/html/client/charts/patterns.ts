import type { Ink } from './ink.ts';

/** CSS pixels from one line to the next, along the edges of a tile. */
const tile = 7;

const ways: readonly (readonly (readonly [x0: number, y0: number, x1: number, y1: number])[])[] = [
  [
    [-1, tile + 1, tile + 1, -1],
    [-1, 1, 1, -1],
    [tile - 1, tile + 1, tile + 1, tile - 1],
  ],
  [
    [-1, -1, tile + 1, tile + 1],
    [-1, tile - 1, 1, tile + 1],
    [tile - 1, -1, tile + 1, 1],
  ],
  [[0, tile / 2, tile, tile / 2]],
];

/** Fine lines over every second colour, so that neighbours in a stack differ without colour too. */
export const fillsOf = ({ series, page }: Ink, ratio: number): (string | CanvasPattern)[] =>
  series.map((colour, i) => (i % 2 === 0 ? colour : hatched(colour, page, ways[(i - 1) / 2]!, ratio)));

function hatched(colour: string, line: string, lines: (typeof ways)[number], ratio: number): CanvasPattern {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = Math.max(1, Math.round(tile * ratio));
  const scale = canvas.width / tile;
  const pen = canvas.getContext('2d')!;
  pen.scale(scale, scale);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, tile, tile);
  pen.strokeStyle = line;
  pen.globalAlpha = 0.65;
  pen.lineWidth = 1.5;
  for (const [x0, y0, x1, y1] of lines) {
    pen.moveTo(x0, y0);
    pen.lineTo(x1, y1);
  }
  pen.stroke();
  const pattern = pen.createPattern(canvas, 'repeat')!;
  pattern.setTransform(new DOMMatrix().scale(1 / scale));
  return pattern;
}
