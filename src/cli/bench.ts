import { Command, Option } from 'commander'
import type { CmvmOptions } from '../../bench/cmvm.ts'
import { GemgateError } from '../core/errors.ts'
import { jsonOption, real } from './options.ts'
import { type Output, perform } from './output.ts'

export function benchCommand(): Command {
  return new Command('bench')
    .description('speed of the datapath, beside its peers where they are installed')
    .argument(
      '[name]',
      'core: the datapath as model and as simulated Verilog; cmvm: adder graphs of constant matrices',
      'core',
    )
    .option('--luts', 'cmvm: count LUTs with Yosys too (minutes)')
    .option('--all', 'cmvm: every matrix of the comparison, not only its anchors')
    .addOption(new Option('--effort <number>', 'cmvm: search effort').argParser(real(0, 1e4)))
    .addOption(jsonOption())
    .addHelpText('after', '\n--luts, --all and --effort belong to cmvm; core has no options but --json.')
    .action((name: string, { json, ...options }: CmvmOptions & { json?: boolean }) =>
      perform(json === true, (output) => bench(name, options, output)),
    )
}

async function bench(name: string, options: CmvmOptions, output: Output): Promise<void> {
  if (name === 'cmvm') return (await import('./bench-cmvm.ts')).benchCmvm(options, output)
  if (name !== 'core')
    throw new GemgateError('GG_USAGE', `there is no benchmark ${name}`, 'The benchmarks are: core, cmvm.')
  const [extra] = Object.keys(options)
  if (extra !== undefined)
    throw new GemgateError('GG_USAGE', `--${extra} belongs to cmvm`, 'Use gemgate bench cmvm.')
  const { benchCore } = await import('../../bench/core.ts')
  const { model, sim, verilator } = await benchCore()
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
