/**
 * The link protocol: constants and layouts; docs/link.md says what they mean and who does what when.
 * The same frames go over a UART (escaped bytes) and over PCIe DMA (padded records).
 */
export const protocolVersion = 1

/** First word of a HELLO request: "GGLK". */
export const helloMagic = 0x4b4c4747

/** Kinds of frames. A reply has the kind of its request with bit 7 set. */
export const frameKind = {
  /** host -> device: payload 1 byte, the number of words; aux the first word address. Reply: the words. */
  read: 0x01,
  /** host -> device: payload words for ascending addresses from aux. Reply: empty. */
  write: 0x02,
  /** host -> device: payload words, all for address aux, in order. Reply: empty. */
  pulse: 0x03,
  /** host -> device: grants the events stream and asks for the state of the pixels stream. Answered by creditReply. */
  credit: 0x04,
  /** host -> device: begins a session. */
  hello: 0x05,
  /** host -> device: asks for the counters of the device. */
  statistics: 0x06,
  /** host -> device: a part of the pixels stream. */
  dataToDevice: 0x40,
  readReply: 0x81,
  writeReply: 0x82,
  pulseReply: 0x83,
  /** device -> host: state of the pixels stream. */
  creditReply: 0x84,
  helloReply: 0x85,
  statisticsReply: 0x86,
  /** device -> host: a part of the events stream. */
  dataToHost: 0xc0,
  /** device -> host: a request that cannot be understood; aux says why. */
  error: 0xff,
} as const

/** Bits of the second byte of a frame. */
export const frameFlags = {
  /** First and last frame of a message of a stream. */
  first: 0x10,
  last: 0x20,
  /** In credit frames: send again from `seq` on. */
  retransmit: 0x40,
} as const

/** Status in `aux` of replies. */
export const replyStatus = { ok: 0, badAddress: 1, badLength: 2, busy: 3, badKind: 4, noSession: 5 } as const

/** Bytes before and behind the payload: header of 8, CRC-32 of 4. */
export const headerBytes = 8
export const crcBytes = 4

/** Payload of a frame of the UART carrier: with header and CRC 512 bytes. The HELLO reply has the device's own limit. */
export const uartPayload = 500

/** Largest limit of payload that a device may have. */
export const largestPayload = 4084

/** Bytes of a UART carrier. */
export const hdlc = { flag: 0x7e, escape: 0x7d, toggle: 0x20 } as const

/** First word of a DMA record: "KNIL" as bytes, 0x4c494e4b as a little-endian word. */
export const recordMagic = 0x4c494e4b

/** One frame of the link; the CRC is made and checked by the codec. */
export interface LinkFrame {
  readonly kind: number
  /** Flags of frameFlags; bits 3:0 are 0. */
  readonly flags: number
  /** 16 bits. Control: number of the request. Streams: number of the frame, or the next one expected. */
  readonly seq: number
  /** 16 bits. Address, status, limit or drop counter, by kind. */
  readonly aux: number
  readonly payload: Uint8Array
}

/** What a device says of itself in its HELLO reply. */
export interface HelloReply {
  readonly nonce: number
  readonly version: number
  /** Bytes of payload that the device takes and sends at most, a multiple of 4. */
  readonly maximumPayload: number
  /** Registers: word addresses 0 to registers - 1. */
  readonly registers: number
  /** Frames of the pixels stream that the device holds at most. */
  readonly slots: number
  /** CRC-32 of the device's register table. */
  readonly schema: number
  /** First 64 bits of the hash of the gateware's sources. */
  readonly build: bigint
  /** Clock of the logic in Hz. */
  readonly clock: number
}

/** Counters of the device since its reset, 16 bits each, wrapping. Order of the statistics reply. */
export interface DeviceStatistics {
  /** Frames with a right CRC. */
  readonly frames: number
  readonly crcErrors: number
  /** Frames too short, too long, or whose length field contradicts their length. */
  readonly framingErrors: number
  /** Requests that came again and were answered without being executed. */
  readonly duplicates: number
  /** Frames of the pixels stream that came out of order or without a free slot. */
  readonly refused: number
  /** Frames of the events stream that were sent again. */
  readonly retransmitted: number
  /** Items that the source of the events stream had to drop; 0 where it waits instead. */
  readonly dropped: number
  /** Sessions begun. */
  readonly sessions: number
}
