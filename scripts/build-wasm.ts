import { readFileSync, writeFileSync } from 'node:fs';

/** What is used of AssemblyScript's compiler. Its own types would replace those of Array and String in all our code. */
interface Compiler {
  main(
    options: readonly string[],
    io: {
      readonly writeFile: (name: string, contents: string | Uint8Array) => void;
      readonly stderr: { write(chunk: string | Uint8Array): void };
    },
  ): Promise<{ readonly error: Error | null }>;
}
const compilerModule: string = 'assemblyscript/asc'; // a type of its own hides the module from the type checker
const { default: asc } = (await import(compilerModule)) as { readonly default: Compiler };

/** AssemblyScript sources and the module each becomes: `export const wasm` with the bytes in base64. */
const kernels = [{ from: 'compiler/simulate/wasm/float.as.ts', to: 'compiler/simulate/wasm/float.gen.ts' }];

/** Compiles the fast kernels to generated modules, so that neither users nor browsers need the compiler or a file. */
export async function buildWasm(): Promise<void> {
  for (const { from, to } of kernels) {
    const text = moduleOf(from, await compile(from));
    if (textOf(to) !== text) writeFileSync(to, text);
  }
}

/** Optimised, without runtime checks or a garbage collector, with 128-bit vectors. */
async function compile(from: string): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  let messages = '';
  const options = [from, '--outFile', 'out.wasm', '-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'];
  const { error } = await asc.main(options, {
    writeFile: (name, contents) => {
      if (name === 'out.wasm' && contents instanceof Uint8Array) bytes = contents;
    },
    stderr: { write: (chunk) => void (messages += chunk.toString()) },
  });
  if (error || !bytes) throw new Error(`${from} does not compile:\n${messages}`, { cause: error });
  return bytes;
}

const moduleOf = (from: string, bytes: Uint8Array): string =>
  `// Made by scripts/build-wasm.ts from ${from}.\nexport const wasm = '${Buffer.from(bytes).toString('base64')}';\n`;

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // not made yet
  }
}
