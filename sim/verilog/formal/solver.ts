import { GemgateError } from '../../../src/core/errors.ts'
import { provenDepth } from './sat-log.ts'
import { guardFile, guardMap, netlistFile } from './solver-script.ts'

/** What the command `check` says; a loop without a solution would make everything proven. */
const loopFound = /found logic loop/

/**
 * Runs commands of Yosys on a netlist; blocks the thread.
 * @param onDepth hears of base cases as they are proven
 * @returns the log
 */
export async function runSolver(
  netlist: string,
  commands: readonly string[],
  onDepth: (depth: number) => void,
): Promise<string> {
  const { runYosys } = await import('@yowasp/yosys')
  const log: string[] = []
  const decoder = new TextDecoder()
  let looped = false
  const collect = (bytes: Uint8Array | null) => {
    if (!bytes) return
    const text = decoder.decode(bytes)
    log.push(text)
    looped ||= loopFound.test(text)
    const depth = provenDepth(text)
    if (depth !== undefined && !looped) onDepth(depth)
  }
  const files = { [netlistFile]: netlist, [guardFile]: guardMap }
  try {
    await runYosys(['-p', commands.join('; ')], files, { stdout: collect, stderr: collect })
  } catch (cause) {
    const message =
      /^ERROR: (.*)$/m.exec(log.join(''))?.[1] ?? (cause instanceof Error ? cause.message : 'no message')
    throw new GemgateError(
      'GG_VERILOG_UNSUPPORTED',
      `the solver cannot take this design: ${message.replaceAll('\\', '')}`,
      'Prove a smaller part, or make parameters and memories smaller.',
    )
  }
  const text = log.join('')
  if (loopFound.test(text))
    throw new GemgateError(
      'GG_VERILOG_LOOP',
      'the design has a combinational loop, or a register that resets itself: the solver would take that for a contradiction',
      'Break it with a register; `simulate` tells where a combinational loop is.',
    )
  return text
}
