import { closest } from '../base/suggest.ts';
import { schemas } from '../schemas.ts';
import { defineCommand } from './kit/define.ts';
import { usage } from './kit/session.ts';

export const define = defineCommand({
  schema: 'netloom/schema@1',
  description: 'Prints a published JSON schema (2020-12).',
  arguments: [['[name]', 'such as estimate or machine-tpu; a list when absent']],
  flags: [['--list', 'list the names']],
  examples: ['netloom schema --list', 'netloom schema estimate', 'netloom schema machine-fpga > fpga.schema.json'],
  run: (session, [name], flags) => {
    const names = Object.keys(schemas);
    if (name === undefined || flags.list) {
      if (session.format === 'json') session.printJson(names);
      else session.print(`${names.join('\n')}\n`);
      return 0;
    }
    if (!Object.hasOwn(schemas, name)) {
      const near = closest(name, names);
      throw usage(
        `there is no schema "${name.slice(0, 40)}"`,
        `schemas are ${names.join(', ')}`,
        near ? `did you mean "${near}"?` : 'netloom schema --list',
      );
    }
    session.print(`${JSON.stringify(schemas[name], null, 2)}\n`);
    return 0;
  },
});
