import type { LinkBenchmark } from '../../bench/link.ts'
import { exitCode, type Output } from './output.ts'

/** What `bench link` can be told. */
export interface LinkFlags {
  /** Faults to inject. */
  readonly faults?: number
}

/** Speed of every carrier that needs no hardware, and what faults do to streams and registers. */
export async function benchLink(flags: LinkFlags, output: Output, signal: AbortSignal): Promise<void> {
  const { benchLink } = await import('../../bench/link.ts')
  const result: LinkBenchmark = await benchLink(
    { ...flags, onCarrier: (speed) => output.text(carrierLine(speed)) },
    signal,
  )
  const { injected, framesLost, framesDuplicated, wrongWrites, hangs } = result.faults
  output.text(
    `${injected} faults: ${framesLost} frames lost, ${framesDuplicated} doubled, ${wrongWrites} wrong writes, ${hangs} hangs`,
  )
  output.result(result)
  const damaged = result.carriers.reduce((sum, { errors }) => sum + errors, 0)
  if (damaged + framesLost + framesDuplicated + wrongWrites + hangs > 0) process.exitCode = exitCode.failed
}

function carrierLine(speed: LinkBenchmark['carriers'][number]): string {
  const wire =
    speed.wireEfficiency === null ? '' : `, ${(100 * speed.wireEfficiency).toFixed(1)} % of the wire`
  const rate = (value: number): string =>
    value >= 1e6 ? `${(value / 1e6).toFixed(1)} MB/s` : `${(value / 1e3).toFixed(0)} kB/s`
  return `${speed.name.padEnd(28)} ${rate(speed.bytesPerSecond)} out${wire}, ${rate(speed.eventBytesPerSecond)} in, ${speed.registerReadsPerSecond.toFixed(0)} register reads/s, ${speed.errors} errors`
}
