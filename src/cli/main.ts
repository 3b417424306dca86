#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { packageVersion } from '../core/package-root.ts'
import { exitCode, surviveClosedStreams, writeError } from './output.ts'

const program = new Command('gemgate')
  .description('Camera frames in, classified recoils out: emulated FPGA, simulated Verilog, boards.')
  .version(packageVersion)

/** In the order of the help; each is loaded when it is called, all of them for the help. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run.ts')).runCommand(),
  compare: async () => (await import('./compare.ts')).compareCommand(),
  generate: async () => (await import('./generate.ts')).generateCommand(),
  network: async () => (await import('./network.ts')).networkCommand(),
  explore: async () => (await import('./explore.ts')).exploreCommand(),
  boards: async () => (await import('./boards.ts')).boardsCommand(),
  build: async () => (await import('./build.ts')).buildCommand(),
  flash: async () => (await import('./flash.ts')).flashCommand(),
  board: async () => (await import('./board.ts')).boardCommand(),
  sim: async () => (await import('./sim.ts')).simCommand(),
  bench: async () => (await import('./bench.ts')).benchCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
}
const called = process.argv[2] ?? ''
const loaded = Object.hasOwn(commands, called) ? [commands[called]!] : Object.values(commands)
for (const load of loaded) program.addCommand(await load())

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
