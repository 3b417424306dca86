import { describe, expect, it } from 'vitest'
import { verilogFiles } from '../../../sim/board/core-sources.ts'
import { encodeFor, FrameDecoder } from '../../../src/link/framer.ts'
import { decodeHelloReply, encodeHello } from '../../../src/link/hello.ts'
import { frameKind, type LinkFrame, uartPayload } from '../../../src/link/protocol.ts'
import { coreFiles, root } from '../../support/hdl-files.ts'
import { SerialReader, serialLine } from '../link/serial-line.ts'
import { icarus } from '../native/native-core.ts'
import { runIcarus } from './run-icarus.ts'

const divisor = 10
const board = (name: string): string => `${root}hdl/board/${name}.sv`
const files = [
  `${root}test/hdl/board/ulx3s-models.sv`,
  ...['ulx3s_85f_top', 'full_uart_board', 'full_core', 'power_on_reset'].map(board),
  ...verilogFiles(`${root}hdl/link`),
  ...coreFiles,
]

describe.skipIf(icarus.skip)(`ulx3s_85f_top in Icarus Verilog${icarus.note}`, () => {
  it('answers HELLO over its serial line', () => {
    const payload = encodeHello(9, 0)
    const hello = encodeFor('bytes', { kind: frameKind.hello, flags: 0, seq: 0, aux: 0, payload })
    const lines = runIcarus(files, serialLine([...hello], divisor).map(String))
    const reader = new SerialReader(divisor)
    const frames: LinkFrame[] = []
    const decoder = new FrameDecoder('bytes', uartPayload, (frame) => frames.push(frame))
    for (const line of lines.filter((text) => text.startsWith('T '))) {
      expect(line).toMatch(/^T [01]$/)
      const byte = reader.push(Number(line[2]))
      if (byte !== undefined) decoder.push(Uint8Array.of(byte))
    }
    expect(frames.map(({ kind }) => kind)).toEqual([frameKind.helloReply])
    expect(decodeHelloReply(frames[0]!.payload)).toMatchObject({
      nonce: 9,
      schema: 0x89abcdef,
      build: 0x123456789abcdef0n,
      clock: 30_000_000,
    })
    expect(lines).toContain('L 1')
  })
})
