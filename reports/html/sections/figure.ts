import { markup, type Html, type Piece } from '../html.ts';
import { idOf, type View } from '../view.ts';

export interface FigureText {
  /** Which drawing the browser makes here. */
  readonly chart: 'bounds' | 'roofline' | 'energy' | 'graph';
  readonly title: string;
  /** One sentence: the text alternative of the drawing. */
  readonly finding: string;
  /** Controls above the drawing; only shown when there is a script to serve them. */
  readonly controls?: Piece;
}

/** A drawing with its heading, its finding, and its data one key away. The script draws it when it comes near. */
export const figure = (view: View, f: FigureText): Html =>
  markup`<figure data-chart="${f.chart}" aria-labelledby="${idOf(view, `${f.chart}-title`)}">
    <figcaption>
      <h3 id="${idOf(view, `${f.chart}-title`)}">${f.title}</h3>
      <p>${f.finding}</p>
    </figcaption>
    <div class="tools scripted">
      ${f.controls}<span class="exports"
        >${f.chart === 'graph' && markup`<button type="button" data-export="svg">SVG</button>`}<button type="button" data-export="png">PNG</button></span
      >
    </div>
    <div
      class="plot scripted"
      tabindex="0"
      role="application"
      aria-roledescription="chart"
      aria-label="${`${f.title}. Arrow keys move, Enter selects, T shows the data, Escape leaves.`}"
    ></div>
    <details class="data scripted"><summary>Data as a table</summary></details>
  </figure>`;

export const choice = (
  label: string,
  name: string,
  options: readonly (readonly [value: string, text: string])[],
): Html =>
  markup`<label
    >${label}
    <select data-control="${name}">
      ${options.map(([value, text]) => markup`<option value="${value}">${text}</option>`)}
    </select></label
  >`;
