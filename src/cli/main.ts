#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { packageVersion } from '../core/package-root.ts'
import { benchCommand } from './bench.ts'
import { boardCommand } from './board.ts'
import { boardsCommand } from './boards.ts'
import { buildCommand } from './build.ts'
import { compareCommand } from './compare.ts'
import { doctorCommand } from './doctor.ts'
import { exploreCommand } from './explore.ts'
import { flashCommand } from './flash.ts'
import { generateCommand } from './generate.ts'
import { networkCommand } from './network.ts'
import { exitCode, surviveClosedStreams, writeError } from './output.ts'
import { runCommand } from './run.ts'

const program = new Command('gemgate')
  .description('Camera frames in, classified recoils out: emulated FPGA, simulated Verilog, boards.')
  .version(packageVersion)
for (const command of [
  runCommand(),
  compareCommand(),
  generateCommand(),
  networkCommand(),
  exploreCommand(),
  boardsCommand(),
  buildCommand(),
  flashCommand(),
  boardCommand(),
  benchCommand(),
  doctorCommand(),
])
  program.addCommand(command)

/** Usage errors end with a stable code and exit code 2, also below subcommands. */
function prepare(command: Command, path: string): void {
  const what = command.commands.length > 0 ? 'commands' : 'arguments and options'
  command.showHelpAfterError(`(${path} --help lists ${what})`)
  command.exitOverride()
  command.configureOutput({
    outputError: (text, write) =>
      write(text.startsWith('error:') ? text.replace('error:', 'GG_USAGE:') : text),
  })
  for (const inner of command.commands) prepare(inner, `${path} ${inner.name()}`)
}
prepare(program, 'gemgate')
surviveClosedStreams()

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? exitCode.done : exitCode.usage
  if (error.exitCode !== 0 && process.argv.includes('--json'))
    writeError({
      code: 'GG_USAGE',
      message: error.message.replace(/^error: /, ''),
      remedy: 'gemgate COMMAND --help lists the options.',
    })
}
