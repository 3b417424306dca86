/** A VCD file as an independent reader sees it; strict about the format. */
export interface VcdFile {
  readonly timescale: string
  readonly end: number
  /** By full name, with dots between scopes, ranges left out. */
  readonly signals: ReadonlyMap<string, VcdSignal>
}

export interface VcdSignal {
  readonly width: number
  /** Time and binary digits; strictly growing times. */
  readonly changes: readonly (readonly [number, string])[]
}

export function readVcd(text: string): VcdFile {
  const tokens = text.split(/\s+/).filter((token) => token !== '')
  const ids = new Map<string, { width: number; changes: [number, string][] }>()
  const signals = new Map<string, VcdSignal>()
  const scopes: string[] = []
  let timescale = ''
  let time = -1
  let at = 0
  const until$end = () => {
    const words: string[] = []
    while (tokens[at] !== '$end') {
      if (at >= tokens.length) throw new Error('no $end')
      words.push(tokens[at++]!)
    }
    at++
    return words
  }
  const change = (code: string, digits: string) => {
    const signal = ids.get(code)
    if (!signal) throw new Error(`a value for the unknown id ${code}`)
    if (!/^[01xz]+$/.test(digits) || digits.length > signal.width) throw new Error(`a bad value ${digits}`)
    const fill = digits[0] === '1' ? '0' : digits[0]!
    const last = signal.changes.at(-1)
    const value = digits.padStart(signal.width, fill)
    if (last?.[0] === time) last[1] = value
    else signal.changes.push([time, value])
  }
  while (at < tokens.length) {
    const token = tokens[at++]!
    if (token === '$timescale') timescale = until$end().join(' ')
    else if (token === '$scope') scopes.push(until$end()[1]!)
    else if (token === '$upscope') {
      if (until$end().length > 0 || scopes.pop() === undefined) throw new Error('an $upscope too many')
    } else if (token === '$var') {
      const [type, width, code, name, ...range] = until$end()
      if (!/^(wire|reg|integer|parameter)$/.test(type!) || !/^[!-~]+$/.test(code!))
        throw new Error('a bad $var')
      if (range.length > 1 || (range.length === 1 && !/^\[\d+(:\d+)?\]$/.test(range[0]!)))
        throw new Error(`a bad range ${range}`)
      const known = ids.get(code!) ?? { width: Number(width), changes: [] }
      if (known.width !== Number(width)) throw new Error('one id, two widths')
      ids.set(code!, known)
      signals.set([...scopes, name].join('.'), known)
    } else if (token === '$enddefinitions') {
      if (scopes.length > 0) throw new Error('an open scope')
      until$end()
    } else if (/^\$(version|comment|date)$/.test(token)) until$end()
    else if (/^\$(dumpvars|dumpall|end)$/.test(token)) continue
    else if (token[0] === '#') {
      const next = Number(token.slice(1))
      if (!(next > time)) throw new Error(`time goes from ${time} to ${next}`)
      time = next
    } else if (token[0] === 'b') change(tokens[at++]!, token.slice(1))
    else if (/^[01xz]/.test(token)) change(token.slice(1), token[0]!)
    else throw new Error(`unexpected ${token}`)
  }
  return { timescale, end: time, signals }
}

/** The digits of a signal at a time. */
export function digitsAt({ changes }: VcdSignal, time: number): string {
  return changes.findLast(([at]) => at <= time)![1]
}

/** The value of a signal at a time; undefined if it has unknown bits. */
export function valueAt(signal: VcdSignal, time: number): bigint | undefined {
  const digits = digitsAt(signal, time)
  return /[xz]/.test(digits) ? undefined : BigInt(`0b${digits}`)
}
