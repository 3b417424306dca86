import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { GemgateError } from '../../../src/core/errors.ts'
import { writeFileWhole } from '../../../src/core/write-file-whole.ts'
import type { DescribedParameter, DescribedPort, ModuleDescription } from './module-description.ts'

/** Where the declaration of `x.sv` lies: `x.d.sv.ts` beside it, or at the same place below a folder. */
export function declarationPath(file: string, folder: string | undefined, root: string): string {
  const name = basename(file).replace(/\.(s?v)$/, '.d.$1.ts')
  if (folder === undefined) return join(dirname(file), name)
  const inside = relative(resolve(root), resolve(dirname(file)))
  if (inside.startsWith('..'))
    throw new GemgateError(
      'GG_USAGE',
      `${file} is outside of ${resolve(root)}, so its declaration has no place in ${folder}`,
      'Keep declarations beside their files, or run in a folder above both.',
      { file },
    )
  return join(root, folder, inside, name)
}

/** The TypeScript declaration of a module that is imported from its file. */
export function declarationText(file: string, { top, ports, parameters }: ModuleDescription): string {
  const side = (direction: 'input' | 'output') => ports.filter((port) => port.direction === direction)
  return [
    `// Written by gemgate from ${basename(file)}; it changes with it.`,
    "import type { VerilogModule } from 'gemgate/sim'",
    '',
    'export interface Inputs {',
    ...side('input').flatMap((port) => [documentation(port), ...input(port)]),
    '}',
    '',
    'export interface Outputs {',
    ...side('output').flatMap((port) => [documentation(port), `  ${key(port.name)}: ${type(port)}`]),
    '}',
    '',
    'export interface Parameters {',
    ...parameters.flatMap((parameter) => [
      `  /** default ${comment(parameter.value)} */`,
      `  ${key(parameter.name)}: ${parameterType(parameter)}`,
    ]),
    '}',
    '',
    'export interface Ports {',
    '  in: Inputs',
    '  out: Outputs',
    '}',
    '',
    `/** The module ${top}. */`,
    'declare const module: VerilogModule<Ports, Parameters>',
    'export default module',
    '',
  ].join('\n')
}

/**
 * Writes a declaration unless it is there already, so that tools that watch files stay quiet.
 * @returns true if the file changed
 * @throws GemgateError GG_OUTPUT
 */
export async function writeDeclaration(path: string, text: string): Promise<boolean> {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return false
  mkdirSync(dirname(path), { recursive: true })
  await writeFileWhole(path, text)
  return true
}

const type = ({ width }: DescribedPort): string => (width <= 32 ? 'number' : 'bigint')

/** Inputs take either kind of number where they are wide, or could be with other parameters. */
function input(port: DescribedPort): string[] {
  const name = key(port.name)
  if (port.width <= 32 && port.range === undefined) return [`  ${name}: number`]
  return [`  get ${name}(): ${type(port)}`, `  set ${name}(value: number | bigint)`]
}

function parameterType({ kind }: DescribedParameter): string {
  return kind === 'bigint' ? 'number | bigint' : kind
}

function documentation({ direction, width, signed, range, comment: text }: DescribedPort): string {
  const bits = `${width} bit${width === 1 ? '' : 's'}${range === undefined ? '' : ` ${range}`}`
  const what = `${direction}, ${bits}${signed ? ', signed' : ''}`
  return `  /** ${comment(text === undefined ? what : `${what}: ${text}`)} */`
}

const comment = (text: string): string => text.replaceAll('*/', '* /')

const key = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name))
