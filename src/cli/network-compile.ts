import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { GemgateError } from '../core/errors.ts'
import { writeFailure } from '../core/write-failure.ts'
import { type CompiledNetwork, type CompileOptions, compileNetwork } from '../network/compile.ts'
import type { ReloadWord } from '../network/folded/index.ts'
import { allFiles } from '../network/hardware/library-files.ts'
import type { OnnxModel } from '../network/onnx/onnx-model.ts'
import { reloadNetwork } from '../network/plan/reload-network.ts'
import { testVectors } from '../network/plan/test-vectors.ts'
import { buildTestbench } from '../network/plan/testbench.ts'
import { isVerilogKeyword, verilogName } from '../network/plan/verilog-names.ts'
import { type Family, families, type SynthesisCount, synthesize } from '../toolchain/synthesize.ts'
import {
  type ImportChoice,
  importOptions,
  inputOption,
  oracleOption,
  readModelFile,
} from './network-options.ts'
import { networkDocument, printNetwork } from './network-report.ts'
import { verifyNetwork } from './network-verify.ts'
import { integer, jsonOption, seedOption } from './options.ts'
import { type Output, perform } from './output.ts'
import { prepareFolder } from './output-folder.ts'
import { Progress } from './progress.ts'

type Architecture = 'unrolled' | 'folded' | 'streaming'

interface CompileCommandOptions extends ImportChoice {
  readonly out?: string
  readonly name?: string
  readonly architecture: Architecture | 'auto'
  readonly layer: Readonly<Record<string, Architecture>>
  readonly reuse?: number
  readonly reloadable?: boolean
  readonly reloadFor?: string
  readonly levels?: number
  readonly lutBudget?: number
  readonly depth?: number
  readonly effort?: number
  readonly vectors: number
  readonly verify?: number
  readonly measure?: readonly Family[]
  readonly seed: number
  readonly json: boolean
}

const examples = `
Examples:
  gemgate network compile model.onnx --out build --verify 1000
  gemgate network compile qonnx.onnx --out build --input uint8:2^-7   (its float input is not quantized)
  gemgate network compile model.onnx --architecture folded --reuse 64 --layer fc1=unrolled`

export function networkCompileCommand(): Command {
  return new Command('compile')
    .description('quantized ONNX to SystemVerilog with certificate, estimate, test vectors and test bench')
    .argument('<model>', 'ONNX file')
    .option('--out <folder>', 'where the files go (default: nothing is written)')
    .option('--name <module>', 'Verilog module name (default: the file name)')
    .addOption(
      new Option('--architecture <name>', 'for every layer that can have it')
        .choices(['auto', 'unrolled', 'folded', 'streaming'])
        .default('auto'),
    )
    .addOption(
      new Option('--layer <name=architecture>', 'for one layer; repeat for more')
        .argParser(collectLayers)
        .default({}, 'none'),
    )
    .addOption(
      new Option(
        '--reuse <n>',
        'multiplications that share a multiplier in folded layers (default: 256, or the input beats if more)',
      ).argParser(integer(1, 1 << 24)),
    )
    .option('--reloadable', 'folded layers take new weights through a write port, without a rebuild')
    .option(
      '--reload-for <model>',
      'with --reloadable: NAME_reload.txt turns this hardware into that model (default: this model)',
    )
    .addOption(
      new Option('--levels <n>', 'adders between two registers of unrolled layers (default: 2)').argParser(
        integer(1, 64),
      ),
    )
    .addOption(
      new Option(
        '--lut-budget <n>',
        'most LUTs for one unrolled layer under auto (default: 20000)',
      ).argParser(integer(1, 1e9)),
    )
    .addOption(
      new Option(
        '--depth <n>',
        'adder depth allowed above the least possible; 64 is as good as no limit (default: 0)',
      ).argParser(integer(0, 64)),
    )
    .addOption(
      new Option(
        '--effort <n>',
        'search effort for smaller adder graphs; 0 is one greedy pass (default: 1)',
      ).argParser(integer(0, 1000)),
    )
    .addOption(
      new Option('--vectors <n>', 'test vectors to write').argParser(integer(1, 100_000)).default(100),
    )
    .addOption(
      new Option(
        '--verify <n>',
        'simulate the Verilog on n inputs and compare with the specification and with ONNX Runtime',
      ).argParser(integer(1, 10_000_000)),
    )
    .addOption(
      new Option(
        '--measure <families>',
        'count the logic with Yosys: xc7, ecp5, ice40, separated by commas',
      ).argParser(parseFamilies),
    )
    .addOption(seedOption('seed of the search for adder graphs'))
    .addOption(oracleOption())
    .addOption(inputOption())
    .addOption(jsonOption())
    .addHelpText('after', examples)
    .action((model: string, options: CompileCommandOptions) =>
      perform(options.json === true, (output, signal) => compile(model, options, output, signal)),
    )
}

async function compile(
  path: string,
  options: CompileCommandOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  checkUsage(options)
  const model = await readModelFile(path)
  const other = options.reloadFor === undefined ? undefined : await readModelFile(options.reloadFor)
  const takeBack = options.out === undefined ? undefined : await prepareFolder(options.out)
  try {
    await compileInto(path, [model, other], options, output, signal)
  } catch (error) {
    await takeBack?.()
    if (!(error instanceof GemgateError) || error.code !== 'GG_CLOSED') throw error
    const message = `${error.message}; nothing was written`
    throw new GemgateError(error.code, message, error.remedy, { cause: error })
  }
}

/** @throws GemgateError GG_USAGE */
function checkUsage({ name, reloadFor, reloadable }: CompileCommandOptions): void {
  if (name !== undefined && verilogName(name) !== name)
    throw new GemgateError(
      'GG_USAGE',
      isVerilogKeyword(name)
        ? `--name ${name} is a word of SystemVerilog`
        : `--name '${name}' cannot be a module name`,
      'Give at most 40 letters, digits and underscores, a letter first and no underscore last.',
    )
  if (reloadFor !== undefined && reloadable !== true)
    throw new GemgateError('GG_USAGE', '--reload-for needs --reloadable', 'Give both, or neither.')
}

async function compileInto(
  path: string,
  [model, other]: readonly [OnnxModel, OnnxModel | undefined],
  options: CompileCommandOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  let progress: Progress | undefined
  const settings: CompileOptions = {
    ...importOptions(options),
    name: options.name ?? basename(path, '.onnx'),
    architecture: options.architecture,
    layers: options.layer,
    ...(options.lutBudget === undefined ? {} : { lutBudget: options.lutBudget }),
    ...(options.reuse === undefined ? {} : { reuse: options.reuse }),
    ...(options.reloadable === undefined ? {} : { reloadable: options.reloadable }),
    ...(options.levels === undefined ? {} : { levelsPerStage: options.levels }),
    adderGraphs: {
      seed: options.seed,
      ...(options.effort === undefined ? {} : { effort: options.effort }),
      ...(options.depth === undefined ? {} : { maxExtraDepth: options.depth }),
    },
    signal,
    onProgress: ({ matrix, matrices, adders, done }) => {
      progress ??= new Progress('adder graphs, percent', 100)
      const percent = Math.round(((matrix + done) / matrices) * 100)
      progress.reach(percent, `matrix ${matrix + 1} of ${matrices}, ${adders} adders`)
    },
  }
  const network = await compileNetwork(model, settings)
  progress?.finish()
  const reloaded = other === undefined ? network : await compileNetwork(other, settings)
  const reload = options.reloadable ? reloadNetwork(network.stages, reloaded.stages) : undefined
  const measured = await measure(network, options.measure ?? [])
  const verified =
    options.verify === undefined ? undefined : await verifyNetwork(model, network, options.verify)
  const document = networkDocument(network, measured, verified)
  const files =
    options.out === undefined ? [] : await write(options.out, network, document, options.vectors, reload)
  const exceptions = otherArchitectures(network, options)
  if (exceptions !== undefined) output.text(exceptions)
  printNetwork(output, network, measured, verified, options.out, files)
  output.result({ ...document, files })
  if (verified !== undefined && verified.differences > 0) process.exitCode = 1
}

/** Which layers could not have the architecture that was asked for all, and what they have instead. */
function otherArchitectures(
  { layers }: CompiledNetwork,
  { architecture, layer: asked }: CompileCommandOptions,
): string | undefined {
  if (architecture === 'auto') return undefined
  const others = layers.filter((layer) => layer.architecture !== architecture && !(layer.name in asked))
  if (others.length === 0) return undefined
  const given = layers.filter((layer) => layer.architecture === architecture)
  const list = others.map((layer) => `${layer.name} is ${layer.architecture}`).join(', ')
  const rest = given.length === 0 ? 'no layer' : given.map(({ name }) => name).join(', ')
  return `not every layer can be ${architecture}: ${list}; ${architecture}: ${rest}`
}

async function measure(
  network: CompiledNetwork,
  wanted: readonly Family[],
): Promise<Record<string, SynthesisCount>> {
  const counts: Record<string, SynthesisCount> = {}
  const files = await allFiles(network.module)
  for (const family of wanted) counts[family] = await synthesize(files, network.module.name, family)
  return counts
}

async function write(
  folder: string,
  network: CompiledNetwork,
  document: Readonly<Record<string, unknown>>,
  vectors: number,
  reload: readonly ReloadWord[] | undefined,
): Promise<string[]> {
  const files = await allFiles(network.module)
  const bench = buildTestbench(network.graph, network.module, testVectors(network.graph, vectors))
  for (const [name, text] of bench) files.set(name, text)
  if (reload !== undefined) files.set(`${network.name}_reload.txt`, reloadText(reload))
  files.set('network.json', `${JSON.stringify(document, null, 2)}\n`)
  try {
    for (const [name, text] of files) await writeFile(join(folder, name), text)
  } catch (error) {
    throw writeFailure(folder, error)
  }
  return [...files.keys()].map((name) => join(folder, name))
}

/** One write to a line: address and data in hexadecimal. */
function reloadText(words: readonly ReloadWord[]): string {
  return words.map(({ address, data }) => `${address.toString(16)} ${(data >>> 0).toString(16)}\n`).join('')
}

function collectLayers(text: string, before: Record<string, Architecture>): Record<string, Architecture> {
  const at = text.lastIndexOf('=')
  const architecture = text.slice(at + 1)
  if (at < 1 || (architecture !== 'unrolled' && architecture !== 'folded' && architecture !== 'streaming'))
    throw new InvalidArgumentError('Write a layer and unrolled, folded or streaming: fc1=folded.')
  return { ...before, [text.slice(0, at)]: architecture }
}

function parseFamilies(text: string): Family[] {
  return text.split(',').map((name) => {
    if (!(name in families))
      throw new InvalidArgumentError(`Choose from ${Object.keys(families).join(', ')}.`)
    return name as Family
  })
}
