/** A Xilinx `.bit` of a 7-series device without frames: header, sync word, write to the IDCODE register. */
export function xilinxBit(idcode: number): Uint8Array {
  const field = (name: string, text: string) => [
    name.charCodeAt(0),
    0,
    text.length + 1,
    ...Buffer.from(`${text}\0`),
  ]
  const word = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
  const packets = [
    0xffffffff,
    0x000000bb,
    0x11220044,
    0xaa995566,
    0x20000000,
    0x30008001,
    7,
    0x30018001,
    idcode,
    0,
  ]
  const data = packets.flatMap(word)
  const head = [0, 9, 0x0f, 0xf0, 0x0f, 0xf0, 0x0f, 0xf0, 0x0f, 0xf0, 0, 0, 1]
  const fields = [
    ...field('a', 'top;Version=2024.1'),
    ...field('b', '7a200tfbg484'),
    ...field('c', '2026/01/01'),
  ]
  return Uint8Array.from([...head, ...fields, ...field('d', '12:00:00'), 0x65, ...word(data.length), ...data])
}
