import { Command } from 'commander'
import { networkCheckCommand } from './network-check.ts'
import { networkCompileCommand } from './network-compile.ts'
import { networkQuantizeCommand } from './network-quantize.ts'

export function networkCommand(): Command {
  const command = new Command('network').description('quantized ONNX networks as exact hardware')
  for (const inner of [networkCheckCommand(), networkCompileCommand(), networkQuantizeCommand()])
    command.addCommand(inner)
  return command
}
