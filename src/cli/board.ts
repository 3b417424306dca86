import { Command, InvalidArgumentError, Option } from 'commander'
import { boardAddresses } from '../board/open-board.ts'
import { boardInfo } from './board-info.ts'
import type { BoardOptions } from './board-open.ts'
import { readRegisters, writeRegisters } from './board-registers.ts'
import { type ServeOptions, serveBoard } from './board-serve.ts'
import { testBoard } from './board-test.ts'
import { integer, jsonOption, modelOption, recordOption, seedOption } from './options.ts'
import { perform } from './output.ts'

export function boardCommand(): Command {
  const command = new Command('board').description('talk to a board, or serve an emulated one')
  opening(command, 'info', 'who the board is and what its logic can do').action(
    (address: string, options: BoardOptions) =>
      perform(options.json === true, (output) => boardInfo(address, options, output)),
  )
  opening(command, 'read', 'read registers')
    .argument('[registers...]', 'names from docs/registers.md (default: all)')
    .action((address: string, registers: string[], options: BoardOptions) =>
      perform(options.json === true, (output) => readRegisters(address, registers, options, output)),
    )
  opening(command, 'write', 'write registers, in this order')
    .argument('<writes...>', 'REGISTER=VALUE, decimal or 0x...')
    .action((address: string, writes: string[], options: BoardOptions) =>
      perform(options.json === true, (output) => writeRegisters(address, writes, options, output)),
    )
  opening(command, 'test', 'test link, registers and logic; resets the logic, writes its registers back')
    .addOption(
      new Option('--rounds <n>', 'register reads, and frames a tenth of it')
        .argParser(integer(10, 1_000_000))
        .default(1000),
    )
    .action((address: string, options: BoardOptions & { rounds: number }) =>
      perform(options.json === true, (output, signal) => testBoard(address, options, output, signal)),
    )
  command.addCommand(serveCommand())
  return command
}

function opening(group: Command, name: string, description: string): Command {
  return group
    .command(name)
    .description(description)
    .argument('<address>', boardAddresses)
    .addOption(recordOption())
    .addOption(jsonOption())
}

function serveCommand(): Command {
  return new Command('serve')
    .description('serve an emulated board on a pseudo-terminal or a UNIX socket until Ctrl-C')
    .argument('<address>', 'model: (emulated FPGA) or sim: (link and trigger as simulated Verilog)')
    .option('--pty', 'a serial port; its path is printed')
    .option('--vfio-user <path>', 'a PCIe board that speaks vfio-user on a UNIX socket')
    .addOption(
      new Option('--logic <input>', 'what the logic takes: of a large board, or of a small one')
        .choices(['pixels', 'macro-pixels'])
        .default('pixels'),
    )
    .addOption(
      new Option(
        '--lossy <rate>',
        'probability that the line damages, loses, doubles or delays a chunk, 0 to 0.5',
      ).argParser((text) => {
        const rate = Number(text)
        if (text.trim() === '' || !(rate >= 0 && rate <= 0.5))
          throw new InvalidArgumentError('Give a number from 0 to 0.5.')
        return rate
      }),
    )
    .addOption(seedOption('seed of the faults of --lossy'))
    .addOption(modelOption())
    .addOption(jsonOption())
    .action((address: string, options: ServeOptions) =>
      perform(options.json === true, (output, signal) => serveBoard(address, options, output, signal)),
    )
}
