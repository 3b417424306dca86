import { type HelloReply, helloMagic, protocolVersion } from './protocol.ts'

/** Bytes of payload of a HELLO request and of its reply. */
export const helloBytes = 16
export const helloReplyBytes = 32

/** Payload of a HELLO request: a new nonce begins a session; `schema` is the host's register table, 0 for none. */
export function encodeHello(nonce: number, schema: number): Uint8Array {
  const payload = new Uint8Array(helloBytes)
  const view = new DataView(payload.buffer)
  view.setUint32(0, helloMagic, true)
  view.setUint16(4, protocolVersion, true)
  view.setUint32(8, nonce, true)
  view.setUint32(12, schema, true)
  return payload
}

/** Nonce and schema of a HELLO request, or which field of it is wrong. */
export function decodeHello(payload: Uint8Array): { nonce: number; schema: number } | 'length' | 'content' {
  if (payload.length !== helloBytes) return 'length'
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
  if (view.getUint32(0, true) !== helloMagic || view.getUint16(4, true) !== protocolVersion) return 'content'
  return { nonce: view.getUint32(8, true), schema: view.getUint32(12, true) }
}

export function encodeHelloReply(reply: HelloReply): Uint8Array {
  const payload = new Uint8Array(helloReplyBytes)
  const view = new DataView(payload.buffer)
  view.setUint32(0, reply.nonce, true)
  view.setUint16(4, reply.version, true)
  view.setUint16(6, reply.maximumPayload, true)
  view.setUint16(8, reply.registers, true)
  view.setUint16(10, reply.slots, true)
  view.setUint32(12, reply.schema, true)
  view.setBigUint64(16, reply.build, true)
  view.setUint32(24, reply.clock, true)
  return payload
}

/** Undefined for a payload of another length; the fields are not judged. */
export function decodeHelloReply(payload: Uint8Array): HelloReply | undefined {
  if (payload.length !== helloReplyBytes) return undefined
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
  return {
    nonce: view.getUint32(0, true),
    version: view.getUint16(4, true),
    maximumPayload: view.getUint16(6, true),
    registers: view.getUint16(8, true),
    slots: view.getUint16(10, true),
    schema: view.getUint32(12, true),
    build: view.getBigUint64(16, true),
    clock: view.getUint32(24, true),
  }
}
