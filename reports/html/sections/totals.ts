import { fmt } from '../format.ts';
import { markup, widthClass, type Html } from '../html.ts';
import type { Grouped } from '../view.ts';

/** Totals by series with their share: the legend of a drawing, and readable without it. */
export function totalsOf(caption: string, head: string, unit: (x: number) => string, { names, totals }: Grouped): Html {
  const all = totals.reduce((n, x) => n + x, 0);
  const row = (name: string, i: number): Html => {
    const share = all > 0 ? totals[i]! / all : 0;
    return markup`<tr>
      <th scope="row"><i class="swatch s${i + 1}"></i>${name}</th>
      <td>${unit(totals[i]!)}</td>
      <td>${fmt.percent(share)}</td>
      <td class="bar" aria-hidden="true"><i class="s${i + 1} ${widthClass(share)}"></i></td>
    </tr>`;
  };
  return markup`<div class="scroll">
    <table class="totals">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">${head}</th>
          <th scope="col">Total</th>
          <th scope="col">Share</th>
          <td></td>
        </tr>
      </thead>
      <tbody>
        ${names.map(row)}
      </tbody>
    </table>
  </div>`;
}

/** The largest series in words: "82.1 % arithmetic". */
export function largest({ names, totals }: Grouped): { readonly name: string; readonly share: number } | undefined {
  const all = totals.reduce((n, x) => n + x, 0);
  const top = totals.reduce((best, x, i) => (x > totals[best]! ? i : best), 0);
  return all > 0 ? { name: names[top]!, share: totals[top]! / all } : undefined;
}
