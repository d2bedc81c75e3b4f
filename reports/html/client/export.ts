import { shape } from './dom.ts';
import { save } from './files.ts';

const carried = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-opacity',
  'fill-opacity',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'stroke-linejoin',
];

/** A copy that looks the same without the style sheet of the page. */
function standalone(svg: SVGSVGElement): SVGSVGElement {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = [svg, ...svg.querySelectorAll('*')];
  const to = [copy, ...copy.querySelectorAll('*')];
  from.forEach((node, i) => {
    const style = getComputedStyle(node);
    if (style.display === 'none') to[i]!.setAttribute('display', 'none');
    for (const name of carried) to[i]!.setAttribute(name, style.getPropertyValue(name));
    to[i]!.removeAttribute('class');
  });
  const { width, height, x, y } = svg.viewBox.baseVal;
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const page = getComputedStyle(document.documentElement).getPropertyValue('--page');
  copy.prepend(shape('rect', { x, y, width, height, fill: page }));
  return copy;
}

export const saveSvg = (svg: SVGSVGElement, name: string): void =>
  save(`${name}.svg`, 'image/svg+xml', new XMLSerializer().serializeToString(standalone(svg)));

export const savePng = (canvas: HTMLCanvasElement, name: string): void =>
  canvas.toBlob((blob) => blob && save(`${name}.png`, 'image/png', blob));

/** Twice the size on screen, less where the picture would be too large for a canvas. */
export function savePngOf(svg: SVGSVGElement, name: string): void {
  const { width, height } = svg.viewBox.baseVal;
  const scale = Math.min(2, 16_000 / Math.max(width, height));
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement('canvas');
    canvas.width = Math.ceil(width * scale);
    canvas.height = Math.ceil(height * scale);
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    savePng(canvas, name);
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(standalone(svg)))}`;
}
