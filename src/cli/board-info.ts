import { LinkBoard } from '../board/link-board.ts'
import { type BoardOptions, openNamed } from './board-open.ts'
import type { Output } from './output.ts'

/** `gemgate board info`. */
export async function boardInfo(address: string, options: BoardOptions, output: Output): Promise<void> {
  await using board = await openNamed(address, options)
  const { kind, build, clock, schema, capability } = board.info
  const link = board instanceof LinkBoard ? await board.statistics() : null
  const frames = await board.read('frames')
  const lines: [string, string][] = [
    ['address', address],
    ['kind', kind],
    ['build', build === 0n ? 'none (not built)' : hex(build, 16)],
    ['clock', clock === 0 ? 'none' : `${clock / 1e6} MHz`],
    ['register table', hex(schema, 8)],
    ['takes', capability.input],
    ['macro-pixels', `at most ${capability.macroSide} along a side`],
    ['open clusters', `${2 ** capability.labelBits}`],
    ['gains', capability.gainBits === 0 ? 'none' : `${2 ** capability.gainBits} regions`],
    ['tile trigger', capability.tiles ? 'yes' : 'no'],
  ]
  // Over a link this command began a new session, which resets the count.
  if (link === null) lines.push(['event packets', `${frames} since its reset`])
  else {
    const { crcErrors, framingErrors, duplicates, retransmitted } = link.device
    lines.push([
      'link',
      `round trip ${link.host.roundTrip?.toFixed(2) ?? '?'} ms; the board met ${crcErrors} CRC and ${framingErrors} framing errors, ${duplicates} repeats, ${retransmitted} frames sent again`,
    ])
  }
  for (const [name, value] of lines) output.text(`${name.padEnd(15)} ${value}`)
  output.result({
    address,
    kind,
    build: hex(build, 16),
    clock,
    schema: hex(schema, 8),
    capability,
    frames,
    link,
  })
}

function hex(value: bigint | number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
