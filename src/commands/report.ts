import { renderEstimate } from '../../reports/estimate.ts';
import { layersInFull } from '../../reports/layers.ts';
import { renderCsv, renderMarkdown } from '../../reports/render/text-formats.ts';
import { writeWhole } from '../files/write.ts';
import { defineCommand, save } from './kit/define.ts';
import { readRuns } from './kit/runs.ts';
import { readTop } from './kit/top.ts';

export const define = defineCommand({
  schema: 'netloom/estimate@1',
  description: 'Renders saved runs again, as a table, HTML, Markdown or CSV. Nothing is computed anew.',
  arguments: [['<runs...>', 'files that --save wrote']],
  flags: [
    ['--html <file>', 'write a self-contained HTML report'],
    ['--md <file>', 'write the layers as Markdown'],
    ['--csv <file>', 'write the layers as CSV'],
    ['--top <n>', 'layers to list, or "all"'],
  ],
  examples: [
    'netloom report run.json',
    'netloom report run.json --html out.html',
    'netloom report a.json b.json --csv layers.csv',
  ],
  run: async (session, paths, flags) => {
    const top = readTop(flags.top);
    const runs = paths.flatMap((path) => readRuns(session, path));
    if (typeof flags.html === 'string') {
      const { renderReport } = await import('../../reports/html/render.ts');
      writeWhole(
        flags.html,
        renderReport(runs, { command: `netloom report ${paths.join(' ')}`, inputs: session.inputs }),
      );
    }
    if (typeof flags.md === 'string') writeWhole(flags.md, runs.map((r) => renderMarkdown(layersInFull(r))).join('\n'));
    if (typeof flags.csv === 'string') writeWhole(flags.csv, runs.map((r) => renderCsv(layersInFull(r))).join('\r\n'));
    save(session, { runs });
    if (session.format === 'json') session.printJson({ runs });
    else if (session.format === 'csv') session.print(runs.map((r) => renderCsv(layersInFull(r))).join('\r\n'));
    else if (session.format === 'md') session.print(runs.map((r) => renderMarkdown(layersInFull(r))).join('\n'));
    else if (!['html', 'md', 'csv'].some((f) => typeof flags[f] === 'string'))
      session.print(runs.map((r) => renderEstimate(r, top, session.terminal)).join('\n'));
    return 0;
  },
});
