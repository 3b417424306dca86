import { encodeMacroPixels } from '../trigger/macro-bytes.ts'
import { type MacroFrame, macroFrame } from '../trigger/macro-frame.ts'
import type { LogicCapability } from './capability.ts'
import { FrameBuffer, type FramePart } from './frame-assembly.ts'
import { PixelInterleaver } from './pixel-interleaver.ts'
import type { RegisterName } from './registers.ts'

/** What goes onto the pixels stream, and the register writes that must come before it. */
export interface EncodedPart {
  readonly bytes: Uint8Array
  readonly writes: readonly (readonly [RegisterName, number])[]
}

/** Makes of raw pixels what the logic on a board takes. */
export interface FrameEncoder {
  /** Bytes of raw pixels that are encoded at a time. */
  readonly partSize: number
  /** Undefined when the part is kept until the frame is complete. The bytes belong to the caller. */
  encode(part: FramePart): EncodedPart | undefined
  /** Somebody wrote this register. */
  written(register: RegisterName): void
}

/** Pixels encoded at a time: large enough for DMA, small beside a frame. */
const pixelsAtATime = 32768

/** The encoder for the logic that a board has. */
export function frameEncoder(capability: LogicCapability): FrameEncoder {
  return capability.input === 'pixels' ? pixelEncoder() : macroPixelEncoder()
}

/** Each pixel with its pedestal word beside it, 6 bytes. */
function pixelEncoder(): FrameEncoder {
  const interleaver = new PixelInterleaver()
  return {
    partSize: 2 * pixelsAtATime,
    encode: ({ offset, bytes, words }) => {
      const encoded = interleaver.encode(bytes, offset, words)
      return encoded.length === 0 ? undefined : { bytes: encoded, writes: [] }
    },
    written: () => {},
  }
}

/** The first half of the datapath runs here, 5 bytes per macro-pixel leave. */
function macroPixelEncoder(): FrameEncoder {
  const buffer = new FrameBuffer()
  let frame: MacroFrame | undefined
  let clipped: number | undefined
  return {
    partSize: Number.POSITIVE_INFINITY,
    encode: (part) => {
      const pixels = buffer.add(part)
      if (pixels === undefined) return undefined
      frame = macroFrame(pixels, part.words, part.settings, frame)
      const changed = frame.clippedPixels !== clipped
      clipped = frame.clippedPixels
      return {
        bytes: encodeMacroPixels(frame),
        writes: changed ? [['clipped_pixels', clipped]] : [],
      }
    },
    written: (register) => {
      if (register === 'clipped_pixels' || register === 'reset') clipped = undefined
    },
  }
}
