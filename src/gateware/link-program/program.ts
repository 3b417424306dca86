import { frameFlags, frameKind, helloMagic, protocolVersion, replyStatus } from '../../link/protocol.ts'
import { Assembler } from './assembler.ts'
import { receiveFrame } from './receive.ts'
import { helloReply, statistics, statisticsReply } from './replies.ts'
import { sendFrames } from './send.ts'

/** The device's side of docs/link.md as a program for hdl/link/link_processor.sv. */
export function linkProgram(): Assembler {
  const program = new Assembler()
  program.load('zero')
  program.store(...statistics, 'sessions')
  sendFrames(program)
  receiveFrame(program)
  program.array('eventLength')
  program.array('eventHead')
  program.words({
    nonceLow: 0,
    nonceHigh: 0,
    version: protocolVersion,
    limit: 'PAYLOAD',
    registers: 'REGISTERS',
    slots: 'RX_SLOTS',
    schemaLow: 'SCHEMA[15:0]',
    schemaHigh: 'SCHEMA[31:16]',
    build0: 'BUILD[15:0]',
    build1: 'BUILD[31:16]',
    build2: 'BUILD[47:32]',
    build3: 'BUILD[63:48]',
    clockLow: 'CLOCK_HZ[15:0]',
    clockHigh: 'CLOCK_HZ[31:16]',
    zero: 0,
    eventSlots: 'TX_SLOTS',
    magicLow: helloMagic & 0xffff,
    magicHigh: helloMagic >>> 16,
    // Replies and events as the first word of a frame: flags, kind.
    helloReplyHead: frameKind.helloReply,
    errorHead: frameKind.error,
    creditHead: frameKind.creditReply,
    creditHeadAgain: frameKind.creditReply | (frameFlags.retransmit << 8),
    eventHeadFirst: frameKind.dataToHost | (frameFlags.first << 8),
    eventHeadNext: frameKind.dataToHost,
    lastFlag: frameFlags.last << 8,
    // Steps from kind to kind in the order of the program's questions.
    helloToZero: frameKind.hello,
    helloToData: frameKind.dataToDevice - frameKind.hello,
    dataToCredit: frameKind.dataToDevice - frameKind.credit,
    pulseToStatistics: frameKind.statistics - frameKind.pulse,
    replyBit: 0x80,
    one: 1,
    two: 2,
    four: 4,
    helloBytes: 16,
    helloReplyBytes: 2 * helloReply.length,
    statisticsBytes: 2 * statisticsReply.length,
    farthest: 0x8000,
    badAddress: replyStatus.badAddress,
    badLength: replyStatus.badLength,
    badKind: replyStatus.badKind,
    noSession: replyStatus.noSession,
    // Counters, state of the streams, the frame at hand, the stored reply.
    ...Object.fromEntries(
      [
        ...[...statistics, 'sessions', 'expected', 'granted'],
        ...['first', 'next', 'sent', 'filled', 'window', 'headOfNext'],
        ...['kind', 'flags', 'seq', 'length', 'aux', 'step', 'left', 'scratch', 'scratch2', 'status'],
        ...['last', 'replyHead', 'replyLength', 'replyAux'],
      ].map((name) => [name, 0]),
    ),
  })
  return program
}
