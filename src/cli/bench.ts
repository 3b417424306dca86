import { Command } from 'commander'
import { GemgateError } from '../core/errors.ts'
import { jsonOption } from './options.ts'
import { type Output, perform } from './output.ts'

export function benchCommand(): Command {
  return new Command('bench')
    .description('speed of the datapath, beside its peers where they are installed')
    .argument('[name]', 'core: the datapath as model and as simulated Verilog', 'core')
    .addOption(jsonOption())
    .action((name: string, options: { json?: boolean }) =>
      perform(options.json === true, (output) => bench(name, output)),
    )
}

async function bench(name: string, output: Output): Promise<void> {
  if (name !== 'core')
    throw new GemgateError('GG_USAGE', `there is no benchmark ${name}`, 'The benchmarks are: core.')
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
