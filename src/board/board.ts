import type { LogicCapability } from './capability.ts'
import type { RegisterName } from './registers.ts'

/**
 * Streams of the logic. `pixels`: u16 little-endian in raster order, one frame after the other.
 * `pedestal`: u32 little-endian words (src/trigger/pedestal-words.ts) into the board's pedestal memory, which
 * is read again for every frame. `events`: one event packet per chunk.
 */
export type StreamName = 'pixels' | 'pedestal' | 'events'

export type BoardKind = 'model' | 'sim' | 'serial' | 'xdma' | 'vfio-user' | 'replay'

export interface BoardInfo {
  readonly address: string
  readonly kind: BoardKind
  /** Build id of the logic: the first 64 bits of the hash of its sources; 0 where nothing was built. */
  readonly build: bigint
  /** Clock of the logic in Hz; 0 where no clock runs. */
  readonly clock: number
  /** CRC-32 of the register table, see register-schema.ts. */
  readonly schema: number
  /** What the logic can do. */
  readonly capability: LogicCapability
}

export interface StreamOptions {
  readonly signal?: AbortSignal
}

/** Registers and streams: what a real, simulated or emulated FPGA looks like to the host. */
export interface Board extends AsyncDisposable {
  readonly info: BoardInfo
  /**
   * Clocks from the one that takes the last pixel of the latest frame to the one that gives the last word of its
   * packet; undefined where nothing counts them, or before the first frame.
   */
  readonly clocksAfterLastPixel?: number | undefined
  /** Throws GG_REGISTER for an unknown register. */
  read(register: RegisterName): Promise<number>
  /** Throws GG_REGISTER for an unknown or read-only register or a value that does not fit. */
  write(register: RegisterName, value: number): Promise<void>
  /** As `write`, one after the other in this order; on a link in as few round trips as possible. */
  writeAll(writes: Iterable<readonly [RegisterName, number]>): Promise<void>
  /** Resolves when the board has taken the data; waits while the board is busy. Throws GG_STREAM, GG_CLOSED. */
  send(stream: StreamName, data: Uint8Array, options?: StreamOptions): Promise<void>
  /** Chunks in order; ends when the board is closed. */
  receive(stream: StreamName, options?: StreamOptions): AsyncIterable<Uint8Array>
}
