import { type RegisterName, registerDeclarations } from '../../src/board/registers.ts'

/** What a register write ends in. */
export interface RegisterWriter {
  write(register: RegisterName, value: number): void
}

/** As the logic does: bits that a register has not are lost, and so are writes to what is read-only. */
export function writeMasked(writer: RegisterWriter, address: number, value: number): void {
  const declaration = registerDeclarations[address]!
  if (declaration.access !== 'read') writer.write(declaration.name, value % 2 ** declaration.bits)
}
