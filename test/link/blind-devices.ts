import type { LinkDevice } from '../../sim/board/link-device.ts'
import type { LinkEndpoint } from '../../sim/board/link-endpoint.ts'
import { encodeFor, FrameDecoder } from '../../src/link/framer.ts'
import { Unstuffer } from '../../src/link/hdlc.ts'
import { frameKind, type LinkFrame } from '../../src/link/protocol.ts'

/** A device of a UART that believes every frame of a possible length: it gives it the CRC that it should have. */
export function deviceWithoutCrc(endpoint: LinkEndpoint): LinkDevice {
  const unstuffer = new Unstuffer(500, {
    fault: () => {},
    frame(bytes) {
      const [kind, flags] = bytes
      const word = (at: number): number => bytes[at]! | (bytes[at + 1]! << 8)
      const frame = {
        kind: kind!,
        flags: flags!,
        seq: word(2),
        aux: word(6),
        payload: bytes.slice(8, bytes.length - 4),
      }
      endpoint.receive(encodeFor('bytes', frame))
    },
  })
  return inFrontOf(endpoint, (bytes) => unstuffer.push(bytes))
}

/** A device of a UART that takes every pixels frame for the next one and every request for a new one. */
export function deviceWithoutSequence(endpoint: LinkEndpoint): LinkDevice {
  let pixels = 0
  let request = 0
  let asked = 0
  const toDevice = new FrameDecoder('bytes', 500, (frame) => {
    let { seq } = frame
    if (frame.kind === frameKind.hello) {
      pixels = 0
      request = 0
    } else if (frame.kind === frameKind.dataToDevice) seq = pixels++ & 0xffff
    else if (frame.kind !== frameKind.credit) {
      asked = seq
      seq = (request++ % 65535) + 1
    }
    endpoint.receive(encodeFor('bytes', { ...frame, seq }))
  })
  let out: LinkFrame | undefined
  const fromDevice = new FrameDecoder('bytes', 500, (frame) => {
    out = frame
  })
  const replies: readonly number[] = [frameKind.readReply, frameKind.writeReply, frameKind.pulseReply]
  return inFrontOf(
    endpoint,
    (bytes) => toDevice.push(bytes),
    () => {
      const bytes = endpoint.transmit()
      if (bytes === undefined) return undefined
      fromDevice.push(bytes)
      const frame = out!
      const seq = replies.includes(frame.kind) || frame.kind === 0x86 ? asked : frame.seq
      return encodeFor('bytes', { ...frame, seq })
    },
  )
}

function inFrontOf(
  endpoint: LinkEndpoint,
  receive: (bytes: Uint8Array) => void,
  transmit = () => endpoint.transmit(),
): LinkDevice {
  const device: LinkDevice = { framing: 'bytes', receive, transmit, onOutput: undefined }
  endpoint.onOutput = () => device.onOutput?.()
  return device
}
