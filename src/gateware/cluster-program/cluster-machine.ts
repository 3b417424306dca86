import { type RegisterName, registerAddress } from '../../board/registers.ts'
import {
  actions,
  callDepth,
  jumps,
  memoryWords,
  modes,
  operations,
  ports,
  settingPort,
} from './instruction-set.ts'
import { type MemoryLayout, memoryLayout } from './memory.ts'

/** A frame of macro-pixels and what the registers of the board say of it. */
export interface MachineFrame {
  readonly content: Int32Array
  /** Outputs of the filter, with gains. */
  readonly filtered: Int32Array
  readonly columns: number
  readonly registers: Readonly<Partial<Record<RegisterName, number>>>
}

/** Clocks without a macro-pixel or a byte after which a program counts as lost. */
const patience = 20_000_000

/**
 * The meaning of the instruction set, word for word what hdl/macro/cluster_processor.sv does, with its clocks as far as
 * neither side makes it wait. Memory and registers keep their values from frame to frame, as in the logic.
 */
export class ClusterMachine {
  /** Clocks since the machine was made. */
  clocks = 0
  readonly #program: Uint16Array
  readonly #memory = new Uint16Array(memoryWords)
  readonly #layout: MemoryLayout
  #a = 0
  #h = 0
  #p = 0
  #q = 0
  #n = 0
  #carry = 0
  #frame: MachineFrame | undefined
  #next = 0

  constructor(program: Uint16Array, macroSide: number, labelBits: number) {
    this.#program = program
    this.#layout = memoryLayout(macroSide, labelBits)
  }

  /** Runs the program on a frame and returns its packet. Throws an Error when the program is lost. */
  run(frame: MachineFrame): Uint8Array {
    const bytes: number[] = []
    const calls: number[] = []
    const program = this.#program
    this.#frame = frame
    this.#next = 0
    let pc = 0
    let ending = false
    let progress = this.clocks
    for (;;) {
      if (this.clocks - progress > patience || pc >= program.length)
        throw new Error(`the program is lost at ${pc}`)
      const word = program[pc++]!
      this.clocks += 2
      if (word >= 0x8000) {
        const jump = jumps[(word >> 11) & 15]
        if (jump === 'call') {
          if (calls.length === callDepth) throw new Error(`too many calls at ${pc - 1}`)
          calls.push(pc)
        }
        if (this.#jumps(jump)) pc = word & 0x7ff
        continue
      }
      const operation = operations[word >> 11]!
      const mode = (word >> 8) & 7
      const immediate = (word << 24) >> 24
      if (operation === 'sta') {
        this.#memory[this.#address(mode, immediate)] = this.#a
      } else if (operation === 'act' && mode === modes.immediate) {
        const action = actions[immediate]
        if (action === 'ret') {
          if (calls.length === 0) throw new Error(`a return without a call at ${pc - 1}`)
          pc = calls.pop()!
        } else if (action === 'wait') {
          if (this.#next === frame.content.length) throw new Error(`a macro-pixel too many at ${pc - 1}`)
        } else if (action === 'take') {
          this.#next++
          progress = this.clocks
        } else if (action === 'halt') return Uint8Array.from(bytes)
        else if (action === 'lpm') {
          this.#a = program[this.#p] ?? 0
          this.#p = (this.#p + 1) & (memoryWords - 1)
          this.clocks++
        } else if (action === 'clc') this.#carry = 0
        else if (action === 'sec') this.#carry = 1
        else if (action === 'clh') this.#h = 0
        else if (action === 'outb') bytes.push(this.#a & 255)
        else if (action === 'end') ending = true
        else throw new Error(`no action at ${pc - 1}`)
      } else if (operation === 'out') {
        const pair = this.#operand(mode, immediate)
        if (ending && frame.content.length !== this.#next)
          throw new Error('a packet before its frame is over')
        bytes.push(pair & 255, pair >> 8)
        progress = this.clocks
        this.clocks++
      } else if (operation !== 'act') this.#execute(operation, this.#operand(mode, immediate))
      if (mode === modes.pStep) this.#p = (this.#p + immediate) & (memoryWords - 1)
      if (mode === modes.qStep) this.#q = (this.#q + immediate) & (memoryWords - 1)
    }
  }

  #jumps(jump: (typeof jumps)[number] | undefined): boolean {
    switch (jump) {
      case 'jmp':
      case 'call':
        return true
      case 'jz':
        return this.#a === 0
      case 'jnz':
        return this.#a !== 0
      case 'jn':
        return this.#a >= 0x8000
      case 'jp':
        return this.#a < 0x8000
      case 'jc':
        return this.#carry === 1
      case 'jnc':
        return this.#carry === 0
      case 'djnz':
        this.#n = (this.#n - 1) & 255
        return this.#n !== 0
      default:
        throw new Error('no jump')
    }
  }

  #address(mode: number, immediate: number): number {
    const base = mode === modes.direct ? 0 : mode === modes.p || mode === modes.pStep ? this.#p : this.#q
    const offset = mode === modes.pStep || mode === modes.qStep ? 0 : immediate
    return (base + offset) & (memoryWords - 1)
  }

  #operand(mode: number, immediate: number): number {
    if (mode === modes.immediate) return immediate & 0xffff
    if (mode === modes.high) return (immediate & 255) << 8
    if (mode === modes.port) return this.#port(immediate & 255) & 0xffff
    return this.#memory[this.#address(mode, immediate)]!
  }

  #port(port: number): number {
    const { content, filtered, columns, registers } = this.#frame!
    if (port >= settingPort) {
      this.clocks++
      for (const [name, address] of registerAddress)
        if (address === (port & 31)) return ((registers[name] ?? 0) >>> (port & 32 ? 16 : 0)) & 0xffff
    }
    const at = this.#next
    switch (port) {
      case ports.a:
        return this.#a
      case ports.h:
        return this.#h
      case ports.p:
        return this.#p
      case ports.q:
        return this.#q
      case ports.content0:
        return content[at]!
      case ports.content1:
        return content[at]! >> 16
      case ports.filtered0:
        return filtered[at]!
      case ports.filtered1:
        return filtered[at]! >> 16
      case ports.last:
        return Number((at + 1) % columns === 0) + 2 * Number(at + 1 === content.length)
      case ports.blocks:
        return this.#layout.blocks
      case ports.records:
        return this.#layout.records
      case ports.end:
        return this.#layout.end
      default:
        throw new Error(`no port ${port}`)
    }
  }

  #execute(operation: Exclude<(typeof operations)[number], 'sta' | 'out' | 'act'>, operand: number): void {
    switch (operation) {
      case 'lda':
        this.#a = operand
        return
      case 'add':
        this.#sum(operand, 0)
        return
      case 'adc':
        this.#sum(operand, this.#carry)
        return
      case 'sub':
        this.#sum(operand ^ 0xffff, 1)
        return
      case 'sbc':
        this.#sum(operand ^ 0xffff, this.#carry)
        return
      case 'and':
        this.#a &= operand
        return
      case 'or':
        this.#a |= operand
        return
      case 'mul': {
        const product = this.#a * operand + this.#h
        this.#a = product & 0xffff
        this.#h = Math.floor(product / 65536)
        this.clocks += 15
        return
      }
      case 'ldp':
        this.#p = operand & (memoryWords - 1)
        return
      case 'ldq':
        this.#q = operand & (memoryWords - 1)
        return
      case 'ldn':
        this.#n = operand & 255
        return
      case 'ror':
        this.#a = (operand >> 1) | (this.#carry << 15)
        this.#carry = operand & 1
        return
      case 'asr':
        this.#a = (operand >> 1) | (operand & 0x8000)
        this.#carry = operand & 1
    }
  }

  #sum(operand: number, carry: number): void {
    const sum = this.#a + operand + carry
    this.#a = sum & 0xffff
    this.#carry = sum >> 16
  }
}
