import type { Simulation } from '../../sim/verilog/index.ts'
import type { Random } from '../../src/core/random.ts'

/**
 * Sends words into s_axis and takes words from m_axis of a running module, pausing at random on both sides.
 * @param stall 0: always valid and ready; else pause with probability stall/256
 * @returns what came out, and the clocks from each input handshake to m_axis_tvalid
 * @throws Error when the module is stuck or changes its output while it is stalled
 */
export function streamThrough(
  simulation: Simulation,
  words: readonly bigint[],
  stall: number,
  random: Random,
): { outputs: bigint[]; latencies: number[] } {
  const outputs: bigint[] = []
  const latencies: number[] = []
  const pause = (): boolean => random.integer(256) < stall
  let sent = 0
  let taken = 0
  let valid = false
  let held: bigint | undefined
  for (let clock = 0, idle = 0; outputs.length < words.length; clock++, idle++) {
    if (idle > 200_000) throw new Error(`stuck after ${outputs.length} outputs`)
    if (!valid && sent < words.length && !pause()) {
      valid = true
      simulation.set('s_axis_tdata', words[sent]!)
    }
    simulation.set('s_axis_tvalid', valid ? 1 : 0)
    const ready = !pause()
    simulation.set('m_axis_tready', ready ? 1 : 0)
    const accepts = valid && simulation.get('s_axis_tready') === 1
    const offers = simulation.get('m_axis_tvalid') === 1
    const data = BigInt(simulation.get('m_axis_tdata'))
    if (held !== undefined && (!offers || data !== held)) throw new Error('the output changed while stalled')
    if (offers && held === undefined) latencies.push(clock - taken)
    held = offers && !ready ? data : undefined
    if (offers && ready) {
      outputs.push(data)
      idle = 0
    }
    simulation.step()
    if (accepts) {
      valid = false
      sent++
      taken = clock
      idle = 0
    }
  }
  return { outputs, latencies }
}
