import { Command, Option } from 'commander'
import type { CmvmOptions } from '../../bench/cmvm.ts'
import { GemgateError } from '../core/errors.ts'
import type { LinkFlags } from './bench-link.ts'
import type { PhysicsFlags } from './bench-physics.ts'
import type { SimFlags } from './bench-sim.ts'
import { integer, jsonOption, real } from './options.ts'
import { type Output, perform } from './output.ts'

/** The benchmarks and the options of each. */
const benchmarks: Readonly<Record<string, readonly string[]>> = {
  core: [],
  cmvm: ['luts', 'all', 'effort'],
  physics: ['quick', 'threads'],
  link: ['faults'],
  sim: ['designs'],
}

type BenchFlags = CmvmOptions & PhysicsFlags & LinkFlags & SimFlags

export function benchCommand(): Command {
  return new Command('bench')
    .description('speed of the datapath and physics of the trigger, beside their peers')
    .argument(
      '[name]',
      'core: the datapath as model and as simulated Verilog; cmvm: adder graphs of constant matrices; physics: trigger and classifiers against the ideal observer; link: carriers and injected faults; sim: the Verilog simulator beside native Verilator',
      'core',
    )
    .option('--luts', 'cmvm: count LUTs with Yosys too (minutes)')
    .option('--all', 'cmvm: every matrix of the comparison, not only its anchors')
    .addOption(new Option('--effort <number>', 'cmvm: search effort').argParser(real(0, 1e4)))
    .option('--quick', 'physics: a tenth of the statistics')
    .addOption(
      new Option('--threads <number>', 'physics: threads (default: all cores)').argParser(integer(1, 256)),
    )
    .addOption(
      new Option('--faults <number>', 'link: faults to inject (default: 100000)').argParser(integer(0, 1e7)),
    )
    .option('--designs <names>', 'sim: only these designs, separated by commas')
    .addOption(jsonOption())
    .action((name: string, { json, ...options }: BenchFlags & { json?: boolean }) =>
      perform(json === true, (output, signal) => bench(name, options, output, signal)),
    )
}

async function bench(name: string, options: BenchFlags, output: Output, signal: AbortSignal): Promise<void> {
  const known = benchmarks[name]
  if (known === undefined)
    throw new GemgateError(
      'GG_USAGE',
      `there is no benchmark ${name}`,
      `The benchmarks are: ${Object.keys(benchmarks).join(', ')}.`,
    )
  const extra = Object.keys(options).find((option) => !known.includes(option))
  if (extra !== undefined) {
    const owner = Object.keys(benchmarks).find((other) => benchmarks[other]!.includes(extra))
    throw new GemgateError('GG_USAGE', `--${extra} belongs to ${owner}`, `Use gemgate bench ${owner}.`)
  }
  if (name === 'cmvm') return (await import('./bench-cmvm.ts')).benchCmvm(options, output)
  if (name === 'physics') return (await import('./bench-physics.ts')).benchPhysics(options, output, signal)
  if (name === 'link') return (await import('./bench-link.ts')).benchLink(options, output, signal)
  if (name === 'sim') return (await import('./bench-sim.ts')).benchSim(options, output, signal)
  return benchCore(output)
}

async function benchCore(output: Output): Promise<void> {
  const bench = await import('../../bench/core.ts')
  const { model, sim, verilator } = await bench.benchCore()
  const mega = (value: number): string => (value / 1e6).toFixed(1)
  output.text(
    `model: ${mega(model.pixelsPerSecond)} Mpixel/s, ${model.timesCamera.toFixed(1)} times the ORCA-Fusion ultra-quiet scan`,
  )
  output.text(`sim:   ${mega(sim.cyclesPerSecond)} Mclock/s, ${sim.differingBytes} bytes differ from model:`)
  output.text(
    verilator.cyclesPerSecond === null
      ? `native Verilator: not measured, ${verilator.detail}`
      : `native Verilator: ${mega(verilator.cyclesPerSecond)} Mclock/s; sim: is ${verilator.ratio!.toFixed(2)} times that`,
  )
  output.result({ model, sim, verilator })
}
