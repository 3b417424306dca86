import { GemgateError } from '../core/errors.ts'
import { type RegisterDeclaration, type RegisterName, registerDeclarations } from './registers.ts'

const declarations: ReadonlyMap<string, RegisterDeclaration> = new Map(
  registerDeclarations.map((register) => [register.name, register]),
)

/** The declaration of a register. Throws GG_REGISTER when there is none of that name. */
export function declarationOf(register: RegisterName): RegisterDeclaration {
  const declaration = declarations.get(register)
  if (declaration !== undefined) return declaration
  throw new GemgateError(
    'GG_REGISTER',
    `there is no register ${register}`,
    'docs/registers.md lists the registers.',
  )
}

/** Throws GG_REGISTER for an unknown or read-only register and for a value that does not fit. */
export function checkWrite(register: RegisterName, value: number): void {
  const { access, bits } = declarationOf(register)
  if (access === 'read')
    throw new GemgateError('GG_REGISTER', `${register} is read-only`, 'Write another register.')
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits)
    throw new GemgateError(
      'GG_REGISTER',
      `${value} does not fit the ${bits} bits of ${register}`,
      `Write an integer from 0 to ${2 ** bits - 1}.`,
    )
}
