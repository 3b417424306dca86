import { GemgateError } from '../../../../src/core/errors.ts'
import { checkRange } from '../../simulation.ts'
import type { Process } from '../lanes.ts'
import type { PortAccess } from '../ports.ts'
import { type AnyDut, type ChannelOptions, Pauses } from './channel.ts'

export interface WishboneOptions extends ChannelOptions {
  /** Pipelined (Wishbone B4): requests go on while answers are due. Default: true where the design has a `stall`. */
  readonly pipelined?: boolean
  /** Cycles to wait for an answer before a GG_SIM_TIMEOUT. */
  readonly limit?: number
}

const remedies = {
  err: 'Look at the address.',
  rty: 'Try it again later.',
  'a reset': 'Wait for answers before a reset.',
} as const

interface Request {
  readonly write: boolean
  readonly address: number | bigint
  readonly data: number | bigint
  readonly select: number | bigint
  answer: { readonly data: number | bigint; readonly error: keyof typeof remedies | undefined } | undefined
}

/** Reads and writes a design that is a Wishbone slave, classic or pipelined. */
export class WishboneMaster implements Process {
  readonly detach: () => void
  readonly #dut: AnyDut
  readonly #prefix: string
  readonly #limit: number | undefined
  readonly #clock: string | undefined
  readonly #pipelined: boolean
  readonly #pauses: Pauses
  readonly #ports: Readonly<Record<'cyc' | 'stb' | 'we' | 'adr' | 'ack', PortAccess>>
  readonly #optional: Readonly<Record<'sel' | 'out' | 'in' | 'err' | 'rty' | 'stall', PortAccess | undefined>>
  readonly #allBytes: number | bigint
  /** Not yet offered, offered, and accepted but not answered requests. */
  readonly #queue: Request[] = []
  #offered: Request | undefined
  readonly #due: Request[] = []

  /** @param prefix of the ports: `wb` for `wb_cyc_i`, `wb_cyc` and the like */
  constructor(dut: AnyDut, prefix: string, options: WishboneOptions = {}) {
    this.#dut = dut
    this.#prefix = prefix
    this.#limit = options.limit
    this.#clock = options.clock
    this.#pauses = new Pauses(options, `wishbone ${prefix}`)
    const find = (direction: 'input' | 'output', pattern: string): PortAccess | undefined => {
      const name = new RegExp(`^${prefix}_?(?:${pattern})(?:_?[io])?$`)
      const port = dut.simulation.design.ports.find((p) => p.direction === direction && name.test(p.name))
      return port && dut.port(port.name)
    }
    const need = (direction: 'input' | 'output', pattern: string): PortAccess => {
      const port = find(direction, pattern)
      if (port) return port
      throw new GemgateError(
        'GG_PORT',
        `${dut.simulation.design.top} has no ${direction} ${prefix}_${pattern.split('|')[0]}`,
        'Give the prefix of a Wishbone slave; its ports may end in _i and _o.',
      )
    }
    this.#ports = {
      cyc: need('input', 'cyc'),
      stb: need('input', 'stb'),
      we: need('input', 'we'),
      adr: need('input', 'adr|addr'),
      ack: need('output', 'ack'),
    }
    this.#optional = {
      sel: find('input', 'sel'),
      out: find('input', 'dat|data|dat_w|dat_mosi|wdata'),
      in: find('output', 'dat|data|dat_r|dat_miso|rdata'),
      err: find('output', 'err'),
      rty: find('output', 'rty'),
      stall: find('output', 'stall'),
    }
    this.#pipelined = options.pipelined ?? this.#optional.stall !== undefined
    const lanes = this.#optional.sel?.port.width ?? 0
    this.#allBytes = lanes <= 32 ? 2 ** lanes - 1 : (1n << BigInt(lanes)) - 1n
    this.detach = dut.process(this, options.clock)
    this.#drive()
  }

  /** @throws GemgateError GG_BUS when the design answers with `err` or `rty`, GG_SIM_TIMEOUT */
  async read(
    address: number | bigint,
    options: { readonly select?: number | bigint } = {},
  ): Promise<number | bigint> {
    const { data } = await this.#transfer(false, address, 0, options.select)
    return data
  }

  /** @throws GemgateError GG_BUS when the design answers with `err` or `rty`, GG_SIM_TIMEOUT */
  async write(
    address: number | bigint,
    value: number | bigint,
    options: { readonly select?: number | bigint } = {},
  ): Promise<void> {
    await this.#transfer(true, address, value, options.select)
  }

  sample(): void {
    if (this.#dut.scheduler.resetting) return
    const { stall, err, rty } = this.#optional
    const error = isHigh(err) ? 'err' : isHigh(rty) ? 'rty' : undefined
    const answered = isHigh(this.#ports.ack) || error !== undefined
    if (this.#offered && (this.#pipelined ? !isHigh(stall) : answered)) {
      this.#due.push(this.#offered)
      this.#offered = undefined
    }
    const request = answered ? this.#due.shift() : undefined
    if (answered && !request && isHigh(this.#ports.cyc))
      throw new GemgateError(
        'GG_BUS',
        `${this.#prefix} answers a request that nobody made`,
        'Raise ack only once per request, while cyc is high.',
      )
    if (request) request.answer = { data: this.#optional.in?.settled() ?? 0, error }
  }

  drive(): void {
    this.#drive()
  }

  restart(): void {
    const lost = [...this.#due.splice(0), ...(this.#offered ? [this.#offered] : [])]
    for (const request of lost) request.answer = { data: 0, error: 'a reset' }
    this.#offered = undefined
    this.#drive()
  }

  #drive(): void {
    const waits = this.#queue.length === 0 || this.#dut.scheduler.resetting
    if (!this.#offered && !waits && !this.#pauses.next()) this.#offered = this.#queue.shift()
    const request = this.#offered
    const { cyc, stb, we, adr } = this.#ports
    const { out, sel } = this.#optional
    cyc.write(Number(request !== undefined || this.#due.length > 0))
    stb.write(Number(request !== undefined))
    we.write(request ? Number(request.write) : this.#pauses.rubbish(we))
    adr.write(request ? request.address : this.#pauses.rubbish(adr))
    out?.write(request ? request.data : this.#pauses.rubbish(out))
    sel?.write(request ? request.select : this.#pauses.rubbish(sel))
  }

  async #transfer(
    write: boolean,
    address: number | bigint,
    data: number | bigint,
    select: number | bigint | undefined,
  ): Promise<{ data: number | bigint }> {
    const request: Request = { write, address, data, select: select ?? this.#allBytes, answer: undefined }
    this.#check('adr', this.#ports.adr, address)
    if (write) this.#check('dat', this.#optional.out, data)
    if (select !== undefined) this.#check('sel', this.#optional.sel, select)
    this.#queue.push(request)
    const what = `the ${write ? 'write to' : 'read of'} 0x${address.toString(16)} on ${this.#prefix}`
    await this.#dut.scheduler.waitCondition(
      () => request.answer !== undefined,
      what,
      this.#limit,
      this.#clock,
    )
    const answer = request.answer!
    if (answer.error)
      throw new GemgateError('GG_BUS', `${what} was answered with ${answer.error}`, remedies[answer.error])
    return answer
  }

  #check(name: string, port: PortAccess | undefined, value: number | bigint): void {
    if (port) checkRange(port.port, value)
    else
      throw new GemgateError(
        'GG_PORT',
        `${this.#prefix} has no input ${this.#prefix}_${name}`,
        'Leave out what the design does not have.',
      )
  }
}

const isHigh = (port: PortAccess | undefined): boolean => port !== undefined && port.settled() === 1
