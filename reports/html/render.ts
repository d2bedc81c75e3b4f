import type { Run } from '../../compiler/run/schema.ts';
import { forScriptJson } from '../../src/base/text.ts';
import { labelOf } from '../compare.ts';
import { client } from './client.gen.ts';
import { packRun } from './data.ts';
import { Html, markup } from './html.ts';
import { sections } from './sections/index.ts';
import { runsSection } from './sections/runs.ts';
import { idOf, viewOf, type View } from './view.ts';

export interface ReportOptions {
  readonly title?: string;
  /** The command line that makes the same report again. */
  readonly command?: string;
  readonly inputs?: readonly { readonly path: string; readonly sha256: string | null }[];
}

/**
 * One HTML file that needs nothing else: no network, no other file. Names of models are untrusted: every string goes
 * through `markup`, and the policy of the page runs no script but ours.
 */
export function renderReport(runs: readonly Run[], options: ReportOptions = {}): string {
  const views = runs.map((run, i) => viewOf(run, i, { command: options.command, inputs: options.inputs ?? [] }));
  const title = options.title ?? titleOf(runs);
  const data = new Html(forScriptJson({ runs: views.map(packRun) }));
  return markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; script-src '${new Html(client.scriptHash)}'; style-src '${new Html(client.styleHash)}'; img-src data:; base-uri 'none'; form-action 'none'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="netloom" />
        <title>${title} · netloom</title>
        <link rel="icon" href="data:," />
        <style>${new Html(client.style)}</style>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the verdict</a>
        ${header(title, runs)}
        <main id="main" tabindex="-1">
          ${runs.length > 1 && runsSection(runs)} ${runs.length === 0 && markup`<p>There are no runs in this report.</p>`}
          ${views.map((view) => runOf(view, runs.length))}
        </main>
        <div class="hidden" role="status" aria-live="polite" id="said"></div>
        <script type="application/json" id="data">${data}</script>
        <script>${new Html(client.script)}</script>
      </body>
    </html>
  `.text;
}

function titleOf(runs: readonly Run[]): string {
  const [first] = runs;
  if (!first) return 'Report';
  return runs.length === 1
    ? `${first.model.name} on ${first.machine.name}`
    : `${new Set(runs.map((r) => r.model.name)).size === 1 ? first.model.name : 'Models'}: ${runs.length} runs compared`;
}

const header = (title: string, runs: readonly Run[]): Html =>
  markup`<header>
    <div class="top">
      <h1>${title}</h1>
      <div class="scripted">
        ${
          runs.length > 1 &&
          markup`<label
            >Run
            <select id="run">
              ${runs.map((r, i) => markup`<option value="${i}">${labelOf(r)}</option>`)}
            </select></label
          >`
        }<button type="button" id="theme" aria-pressed="false">Dark</button>
      </div>
    </div>
    ${runs.length === 1 && markup`<p class="quiet">${subtitle(runs[0]!)}</p>`}
  </header>`;

const subtitle = (run: Run): string =>
  `${run.machine.title} · ${run.precision} · batch ${run.batch} · ${run.total.latency_s.basis} estimate`;

function runOf(view: View, count: number): Html {
  const shown = sections.filter((s) => s.applies?.(view) ?? true);
  return markup`<article
    class="run"
    id="run-${view.index + 1}"
    data-run="${view.index}"
    aria-label="${labelOf(view.run)}"
  >
    ${
      count > 1 &&
      markup`<div class="which">
        <p class="name">${labelOf(view.run)}</p>
        <p class="quiet">${subtitle(view.run)}</p>
      </div>`
    }
    <nav aria-label="${count > 1 ? `Sections of ${labelOf(view.run)}` : 'Sections'}">
      <ul>
        ${shown.map((s) => markup`<li><a href="#${idOf(view, s.name)}">${s.short}</a></li>`)}
      </ul>
    </nav>
    ${shown.map(
      (s) =>
        markup`<section
          id="${idOf(view, s.name)}"
          class="${s.name}"
          aria-labelledby="${idOf(view, `${s.name}-question`)}"
        >
          <h2 id="${idOf(view, `${s.name}-question`)}">${s.question}</h2>
          <p class="answer">${s.answer(view)}</p>
          ${s.body(view)}
        </section> `,
    )}
  </article>`;
}
