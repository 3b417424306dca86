import { crc32 } from 'node:zlib'
import { registerDeclarations } from './registers.ts'

/** Identifies the register table: host and logic must agree on it before anything is written. */
export const registerSchema: number = crc32(
  registerDeclarations.map((r) => `${r.name}:${r.access}:${r.bits}`).join('\n'),
)
