/**
 * What an iCE40 makes of any bytes, read as leniently as icepack's read_bits does and written apart from the parser under
 * test: memories as one string of bits per bank, later writes over earlier ones. Undefined where the device would
 * not start.
 */
export function referenceUnpack(bytes: Uint8Array): string | undefined {
  let at = 0
  let crc = 0
  const next = (): number => {
    const byte = bytes[at++]
    if (byte === undefined) throw new RangeError()
    for (let i = 7; i >= 0; i--) {
      const feedback = (crc >> 15) ^ ((byte >> i) & 1)
      crc = ((crc << 1) & 0xffff) ^ (feedback ? 0x1021 : 0)
    }
    return byte
  }
  try {
    for (let preamble = 0; preamble !== 0x7eaa997e; ) {
      preamble = ((preamble << 8) | next()) >>> 0
      if (preamble === 0xffffffff) return undefined
    }
    const memories = new Map<string, Map<number, number>>()
    let bank = 0
    let width = 0
    let height = 0
    let offset = 0
    let frequency = -1
    let options = -1
    let checks = 0
    for (;;) {
      const code = next()
      let payload = 0
      for (let i = 0; i < (code & 15); i++) payload = (payload * 256 + next()) >>> 0
      const operation = code >> 4
      if (operation === 1) bank = payload
      else if (operation === 2) {
        if (crc !== 0) return undefined
        checks++
      } else if (operation === 5) frequency = payload
      else if (operation === 6) width = payload + 1
      else if (operation === 7) height = payload
      else if (operation === 8) offset = payload
      else if (operation === 9) options = payload
      else if (operation === 0 && payload === 5) crc = 0xffff
      else if (operation === 0 && payload === 6) break
      else if (operation === 0 && (payload === 1 || payload === 3)) {
        const name = `${payload === 1 ? 'cram' : 'bram'} ${bank}`
        const memory = memories.get(name) ?? new Map<number, number>()
        memories.set(name, memory)
        const count = Math.floor((width * height) / 8)
        // Byte addresses: all real widths and offsets are whole bytes per block.
        for (let i = 0; i < count; i++) memory.set((width * offset) / 8 + i, next())
        if (next() !== 0 || next() !== 0) return undefined
      } else return undefined
    }
    if (checks === 0) return undefined
    const content = [...memories]
      .map(([name, memory]) => {
        const cells = [...memory].sort(([a], [b]) => a - b)
        return `${name}: ${cells.map(([address, byte]) => `${address}=${byte}`).join(' ')}`
      })
      .sort()
    return `${frequency} ${options} ${content.join('|')}`
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
