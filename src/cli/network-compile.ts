import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { writeFailure } from '../frame/output.ts'
import { type CompiledNetwork, type CompileOptions, compileNetwork } from '../network/compile.ts'
import type { ReloadWord } from '../network/folded/index.ts'
import { allFiles } from '../network/hardware/library-files.ts'
import { reloadNetwork } from '../network/plan/reload-network.ts'
import { testVectors } from '../network/plan/test-vectors.ts'
import { buildTestbench } from '../network/plan/testbench.ts'
import { type Family, families, type SynthesisCount, synthesize } from '../toolchain/synthesize.ts'
import {
  type ImportChoice,
  importOptions,
  inputOption,
  oracleOption,
  readModelFile,
} from './network-options.ts'
import { type Verification, verifyNetwork } from './network-verify.ts'
import { integer, jsonOption, seedOption } from './options.ts'
import { type Output, perform } from './output.ts'
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
      new Option('--reuse <n>', 'multiplications that share a multiplier in folded layers').argParser(
        integer(1, 1 << 24),
      ),
    )
    .option('--reloadable', 'folded layers take new weights through a write port, without a rebuild')
    .option(
      '--reload-for <model>',
      'with --reloadable: NAME_reload.txt turns this hardware into that model (default: this model)',
    )
    .addOption(
      new Option('--levels <n>', 'adders between two registers of unrolled layers').argParser(integer(1, 64)),
    )
    .addOption(
      new Option('--lut-budget <n>', 'most LUTs for one unrolled layer under auto').argParser(
        integer(1, 1e9),
      ),
    )
    .addOption(
      new Option(
        '--depth <n>',
        'adder depth allowed above the least possible (default: unlimited)',
      ).argParser(integer(0, 64)),
    )
    .addOption(
      new Option('--effort <n>', 'search effort for smaller adder graphs; 0 is one greedy pass').argParser(
        integer(0, 1000),
      ),
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
    .addOption(seedOption())
    .addOption(oracleOption())
    .addOption(inputOption())
    .addOption(jsonOption())
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
  const model = await readModelFile(path)
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
  const reload =
    options.reloadable !== true
      ? undefined
      : reloadNetwork(
          network.stages,
          options.reloadFor === undefined
            ? network.stages
            : (await compileNetwork(await readModelFile(options.reloadFor), settings)).stages,
        )
  const measured = await measure(network, options.measure ?? [])
  const verified =
    options.verify === undefined ? undefined : await verifyNetwork(model, network, options.verify, signal)
  const document = report(network, measured, verified)
  const files =
    options.out === undefined ? [] : await write(options.out, network, document, options.vectors, reload)
  print(output, network, measured, verified, options.out, files)
  output.result({ ...document, files })
  if (verified !== undefined && verified.differences > 0) process.exitCode = 1
}

function report(
  network: CompiledNetwork,
  measured: Readonly<Record<string, SynthesisCount>>,
  verified: Verification | undefined,
): Record<string, unknown> {
  const { certificate, module, stages } = network
  const { luts, ffs, dsps, brams } = module.resources
  const rounded = { luts: Math.round(luts), ffs: Math.round(ffs), dsps, brams }
  return {
    name: network.name,
    nodes: certificate.perNode.length,
    class: certificate.class,
    oracle: certificate.oracle,
    certificate: { perNode: certificate.perNode },
    estimate: { ...rounded, latencyCycles: module.latency, interval: module.interval },
    layers: network.layers,
    stages: stages.map(({ layers, module: stage }) => ({
      module: stage.name,
      layers,
      architecture: stage.architecture,
      input: stage.input,
      output: stage.output,
      latencyCycles: stage.latency,
      interval: stage.interval,
      ...stage.resources,
    })),
    ports: {
      input: { ...network.graph.inputs[0], stream: module.input },
      output: { ...network.graph.outputs[0], stream: module.output },
    },
    ...(Object.keys(measured).length === 0 ? {} : { measured }),
    ...(verified === undefined ? {} : { verified }),
  }
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
    await mkdir(folder, { recursive: true })
    for (const [name, text] of files) await writeFile(join(folder, name), text)
  } catch (error) {
    throw writeFailure(folder, error)
  }
  return [...files.keys()].map((name) => join(folder, name))
}

function print(
  output: Output,
  network: CompiledNetwork,
  measured: Readonly<Record<string, SynthesisCount>>,
  verified: Verification | undefined,
  folder: string | undefined,
  files: readonly string[],
): void {
  const { certificate, module } = network
  for (const node of certificate.perNode)
    output.text(`  exact ${node.class}  ${node.operator} '${node.node}': ${node.reason}`)
  for (const { layers, module: stage } of network.stages) {
    const { luts, ffs, dsps, brams } = stage.resources
    const what = layers.length === 0 ? 'adapter' : `${stage.architecture} ${layers.join(', ')}`
    output.text(
      `  ${stage.name}: ${what}: ${Math.round(luts)} LUT, ${Math.round(ffs)} FF, ${dsps} multipliers, ${brams} block RAMs; ${stage.latency} clocks, interval ${stage.interval}`,
    )
  }
  const { luts, ffs, dsps, brams } = module.resources
  output.text(
    `${network.name}: class ${certificate.class} under '${certificate.oracle}'; estimated ${Math.round(luts)} LUT, ${Math.round(ffs)} FF, ${dsps} multipliers, ${brams} block RAMs, latency ${module.latency} clocks, one tensor in ${module.interval} clocks`,
  )
  for (const [family, count] of Object.entries(measured))
    output.text(
      `  Yosys ${family}: ${count.luts} LUT, ${count.ffs} FF, ${count.dsps} multipliers, ${count.brams} block RAMs, ${count.lutRams} LUT RAMs`,
    )
  if (verified !== undefined)
    output.text(
      `${verified.inputs} inputs: ${verified.differences} differences between specification, simulated Verilog and ${verified.against}`,
    )
  if (folder !== undefined)
    output.text(`${files.length} files in ${folder}; test bench ${network.name}_tb.sv`)
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
