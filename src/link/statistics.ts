import type { DeviceStatistics } from './protocol.ts'

/** What the host's side of a link counted since it was opened; restarts of the session do not reset it. */
export interface LinkStatistics {
  framesSent: number
  /** Frames with a right CRC. */
  framesReceived: number
  bytesSent: number
  bytesReceived: number
  crcErrors: number
  framingErrors: number
  /** Sessions begun. */
  sessions: number
  /** Register and statistics requests, without repeats. */
  requests: number
  requestsRepeated: number
  /** Bytes of the pixels stream that the device has acknowledged. */
  pixelBytes: number
  /** Frames of the pixels stream that were sent again. */
  framesResent: number
  /** Bytes of whole messages of the events stream. */
  eventBytes: number
  events: number
  /** Times that the events stream was asked for again. */
  retransmissionsAsked: number
  /** Frames of the events stream that came again or out of order. */
  framesRefused: number
  /** Answers that nobody waited for, and frames of unknown kinds. */
  framesIgnored: number
  /** Items that the device's source of events dropped, as far as event frames told it. */
  dropped: number
  /** Estimate of the time from a request to its answer, milliseconds. */
  roundTrip: number
}

export function zeroStatistics(): LinkStatistics {
  return {
    framesSent: 0,
    framesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    crcErrors: 0,
    framingErrors: 0,
    sessions: 0,
    requests: 0,
    requestsRepeated: 0,
    pixelBytes: 0,
    framesResent: 0,
    eventBytes: 0,
    events: 0,
    retransmissionsAsked: 0,
    framesRefused: 0,
    framesIgnored: 0,
    dropped: 0,
    roundTrip: 0,
  }
}

/** Order of the 16-bit words in the statistics reply. */
const fields = [
  'frames',
  'crcErrors',
  'framingErrors',
  'duplicates',
  'refused',
  'retransmitted',
  'dropped',
  'sessions',
] as const satisfies readonly (keyof DeviceStatistics)[]

/** Payload of a statistics reply; the counters wrap at 2 ** 16. */
export function encodeDeviceStatistics(statistics: DeviceStatistics): Uint8Array {
  const payload = new Uint8Array(2 * fields.length)
  const view = new DataView(payload.buffer)
  for (const [i, field] of fields.entries()) view.setUint16(2 * i, statistics[field], true)
  return payload
}

/** Undefined for a payload of another length. */
export function decodeDeviceStatistics(payload: Uint8Array): DeviceStatistics | undefined {
  if (payload.length !== 2 * fields.length) return undefined
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
  const value = (field: (typeof fields)[number]): number => view.getUint16(2 * fields.indexOf(field), true)
  return {
    frames: value('frames'),
    crcErrors: value('crcErrors'),
    framingErrors: value('framingErrors'),
    duplicates: value('duplicates'),
    refused: value('refused'),
    retransmitted: value('retransmitted'),
    dropped: value('dropped'),
    sessions: value('sessions'),
  }
}
