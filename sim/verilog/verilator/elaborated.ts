import { childrenOf, everyElement, parseXml, type XmlElement } from './xml.ts'

/** What Verilator's own reading of the sources says about the top module. */
export interface Elaborated {
  readonly top: string
  /** Top-level ports in the order of the source. */
  readonly ports: readonly { readonly name: string; readonly signed: boolean }[]
  /** Inputs that clock registers. */
  readonly clocks: ReadonlySet<string>
  /** Inputs whose falling edge resets or sets registers. */
  readonly lowResets: ReadonlySet<string>
}

/** Who listens to an input: registers as their clock, or as their asynchronous reset. */
interface Listeners {
  readonly clocks: Set<string>
  readonly lowResets: Set<string>
}

/** Reads the output of `verilator --xml-only`. */
export function readElaboration(text: string): Elaborated | undefined {
  const parts = childrenOf(parseXml(text), 'verilator_xml').flatMap(({ children }) => children)
  const netlist = parts.find(({ tag }) => tag === 'netlist')
  const instances = parts.find(({ tag }) => tag === 'cells')?.children ?? []
  const modules = new Map<string, XmlElement>()
  for (const tag of ['module', 'iface'])
    for (const module of netlist ? childrenOf(netlist, tag) : [])
      modules.set(module.attributes['name']!, module)
  const top = modules.get(instances[0]?.attributes['submodname'] ?? '')
  if (!netlist || !top) return undefined
  const types = new Map<string, XmlElement>()
  for (const table of childrenOf(netlist, 'typetable'))
    for (const type of table.children) types.set(type.attributes['id'] ?? '', type)
  const ports = childrenOf(top, 'var')
    .filter(({ attributes }) => attributes['dir'] !== undefined)
    .map(({ attributes }) => ({
      name: plainName(attributes['origName'] ?? attributes['name']!),
      signed: isSigned(types, attributes['dtype_id'] ?? ''),
    }))
  const { clocks, lowResets } = new Edges(modules).listeners(top)
  return { top: plainName(top.attributes['origName'] ?? top.attributes['name']!), ports, clocks, lowResets }
}

/** A name as the source has it: the generated C++ writes unusual characters as numbers. */
export function plainName(name: string): string {
  return name
    .replace(/^__SYM__/, '')
    .replace(/__0([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

function isSigned(types: ReadonlyMap<string, XmlElement>, id: string): boolean {
  const attributes = types.get(id)?.attributes
  if (attributes?.['signed'] === 'true') return true
  const below = types.get(id)?.tag === 'refdtype' ? attributes?.['sub_dtype_id'] : undefined
  return below !== undefined && isSigned(types, below)
}

/** Follows the events that registers wait for back to the ports of their module, through the hierarchy. */
class Edges {
  readonly #modules: ReadonlyMap<string, XmlElement>
  readonly #known = new Map<XmlElement, Listeners>()

  constructor(modules: ReadonlyMap<string, XmlElement>) {
    this.#modules = modules
  }

  listeners(module: XmlElement): Listeners {
    const known = this.#known.get(module)
    if (known) return known
    const found: Listeners = { clocks: new Set(), lowResets: new Set() }
    this.#known.set(module, found)
    const sources = new Wiring(module)
    for (const element of everyElement(module)) {
      if (element.tag === 'always') this.#process(element, sources, found)
      if (element.tag === 'instance') this.#instance(element, sources, found)
    }
    return found
  }

  #process(process: XmlElement, sources: Wiring, found: Listeners): void {
    const events = childrenOf(process, 'sentree').flatMap((tree) => childrenOf(tree, 'senitem'))
    const edges = events.filter(({ attributes }) => /POS|NEG|BOTH/.test(attributes['edgeType'] ?? ''))
    const body = process.children.filter(({ tag }) => tag !== 'sentree')
    const conditions = new Set(edges.length > 1 ? body.flatMap(leadingConditions) : [])
    for (const edge of edges) {
      const names = [...everyElement(edge)].filter(isReference).map(referenceName)
      const isReset = names.some((name) => conditions.has(name)) && edges.length > 1
      if (!isReset) for (const name of names) sources.inputs(name, found.clocks)
      else if (edge.attributes['edgeType'] === 'NEG')
        for (const name of names) sources.inputs(name, found.lowResets)
    }
  }

  #instance(instance: XmlElement, sources: Wiring, found: Listeners): void {
    const inner = this.#modules.get(instance.attributes['defName'] ?? '')
    if (!inner) return
    const { clocks, lowResets } = this.listeners(inner)
    for (const port of childrenOf(instance, 'port')) {
      const names = [...everyElement(port)].filter(isReference).map(referenceName)
      const name = port.attributes['name']!
      for (const outer of names) {
        if (clocks.has(name)) sources.inputs(outer, found.clocks)
        if (lowResets.has(name)) sources.inputs(outer, found.lowResets)
      }
    }
  }
}

function isReference({ tag }: XmlElement): boolean {
  return tag === 'varref' || tag === 'varxref'
}

function referenceName({ attributes }: XmlElement): string {
  const { name, dotted } = attributes
  return dotted === undefined ? name! : `${dotted}.${name}`
}

/** The signals that the first condition of a process looks at, and those of its `else if`s. */
function leadingConditions(statement: XmlElement): string[] {
  if (statement.tag === 'begin') {
    const first = statement.children.find(({ tag }) => tag !== 'var')
    return first ? leadingConditions(first) : []
  }
  if (statement.tag !== 'if') return []
  const [condition, , otherwise] = statement.children
  const names = condition ? [...everyElement(condition)].filter(isReference).map(referenceName) : []
  return otherwise ? [...names, ...leadingConditions(otherwise)] : names
}

/** How the signals of one module come from its inputs. */
class Wiring {
  readonly #inputs = new Set<string>()
  readonly #drivers = new Map<string, string[]>()

  constructor(module: XmlElement) {
    for (const { attributes } of childrenOf(module, 'var'))
      if (attributes['dir'] === 'input') this.#inputs.add(attributes['name']!)
    for (const element of everyElement(module)) {
      if (element.tag === 'contassign') {
        const [value, target] = element.children
        const names = value ? [...everyElement(value)].filter(isReference).map(referenceName) : []
        if (target && isReference(target)) this.#drivers.set(referenceName(target), names)
      }
      // a port of an interface is a signal of it
      if (element.tag === 'instance')
        for (const port of childrenOf(element, 'port'))
          this.#drivers.set(
            `${element.attributes['name']}.${port.attributes['name']}`,
            [...everyElement(port)].filter(isReference).map(referenceName),
          )
    }
  }

  /** Adds the inputs that a signal is made of. */
  inputs(name: string, into: Set<string>, seen = new Set<string>()): void {
    if (seen.has(name)) return
    seen.add(name)
    if (this.#inputs.has(name)) into.add(plainName(name))
    for (const source of this.#drivers.get(name) ?? []) this.inputs(source, into, seen)
  }
}
