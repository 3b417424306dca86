/** One element of an XML file without text, as Verilator writes them. */
export interface XmlElement {
  readonly tag: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** Reads elements and attributes; text, comments and processing instructions are left out. */
export function parseXml(text: string): XmlElement {
  const root = { tag: '', attributes: {}, children: [] as XmlElement[] }
  const open = [root]
  for (const [, end, tag, attributes, empty] of text.matchAll(
    /<(\/?)([\w:-]+)((?:\s+[\w:-]+="[^"]*")*)\s*(\/?)>/g,
  )) {
    if (end) {
      if (open.length > 1) open.pop()
      continue
    }
    const element = { tag: tag!, attributes: parseAttributes(attributes!), children: [] }
    open.at(-1)!.children.push(element)
    if (!empty) open.push(element)
  }
  return root
}

function parseAttributes(text: string): Record<string, string> {
  const pairs = text.matchAll(/([\w:-]+)="([^"]*)"/g)
  return Object.fromEntries([...pairs].map(([, name, value]) => [name, decode(value!)]))
}

function decode(value: string): string {
  return value.replace(/&(?:#(\d+)|(\w+));/g, (whole, code?: string, name?: string) =>
    code === undefined ? (entities[name!] ?? whole) : String.fromCodePoint(Number(code)),
  )
}

/** All elements below one, itself included. */
export function* everyElement(element: XmlElement): Generator<XmlElement> {
  yield element
  for (const child of element.children) yield* everyElement(child)
}

export function childrenOf(element: XmlElement, tag: string): XmlElement[] {
  return element.children.filter((child) => child.tag === tag)
}
