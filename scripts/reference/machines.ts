import { familyOf } from '../../hw-models/families/index.ts';
import { machineSchemas } from '../../hw-models/schema/machine.ts';
import { readMachine, type LoadedMachine } from '../../hw-models/schema/read.ts';
import { show } from '../../src/base/units.ts';
import { presetNames, presetText } from '../../src/netloom.ts';
import { code, page, prose, table } from './markdown.ts';
import { schemaTable } from './schema-table.ts';

export function machinePages(): Map<string, string> {
  const machines = presetNames.map((name) => readMachine(presetText(name), `${name}.json`));
  const pages = new Map([['machines.md', overview(machines)]]);
  for (const loaded of machines) pages.set(`machines/${loaded.machine.name}.md`, onePage(loaded));
  for (const [family, schema] of Object.entries(machineSchemas)) {
    pages.set(
      `machine-files/${family}.md`,
      page(
        `Machine files: ${family}`,
        'hw-models/schema',
        `Fields of a machine file of the family \`${family}\`: ${prose((schema as { description?: string }).description ?? '')}. A number is written with its unit, alone or as \`{ "value": "34 GB/s", "source": "...", "note": "..." }\`. Unknown keys are refused. \`netloom hw schema ${family}\` prints the JSON schema, \`netloom hw validate file.json\` checks a file.`,
        schemaTable(schema),
      ),
    );
  }
  return pages;
}

const overview = (machines: readonly LoadedMachine[]): string =>
  page(
    'Machines',
    'hw-models/machines',
    `The presets that \`--on\` takes. Each page lists every constant with its source. Files of your own are described in ${Object.keys(
      machineSchemas,
    )
      .map((f) => `[machine-files/${f}.md](machine-files/${f}.md)`)
      .join(', ')}.`,
    table(
      ['Machine', 'Family', 'Name', 'Constants', 'of them estimates'],
      machines.map(({ machine: m, sources }) => {
        const estimates = [...sources.values()].filter((s) => /^estimate/i.test(s.source)).length;
        return [
          `[${m.name}](machines/${m.name}.md)`,
          m.family,
          prose(m.title),
          String(sources.size),
          String(estimates),
        ];
      }),
    ),
  );

function onePage({ machine: m, sources }: LoadedMachine): string {
  const { peaks } = familyOf(m).roofs(m);
  return page(
    m.name,
    `hw-models/machines/${m.name}.json`,
    `${prose(m.title)}, family \`${m.family}\`. ${prose(m.summary ?? '')}`,
    `## Constants\n\n${table(
      ['Field', 'Value', 'Source', 'Note'],
      [...sources].map(([pointer, s]) => [code(pointer), prose(s.text), prose(s.source), prose(s.note ?? '')]),
    )}`,
    `## Peak rates that follow\n\n${table(
      ['Format', 'Peak'],
      Object.entries(peaks).map(([format, rate]) => [code(format), show.rate(rate, 'MAC/s')]),
    )}`,
  );
}
