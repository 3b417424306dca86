// frame_transmitter: header bytes from the processor, a payload from a memory, and the CRC become a frame.
//
//   header_*     the 8 bytes of a header, while not `busy`
//   start        after them: `length` bytes of payload follow, and the CRC; `busy` until all were taken
//   read_offset  payload_data is that byte one clock later
// One byte per clock with CRC_BITS 8, else one per 9 clocks; m_last is with the last byte of the CRC.
`default_nettype none
module frame_transmitter #(
    parameter int OFFSET_BITS = 9,
    parameter int CRC_BITS = 8
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire                    header_valid,
    output wire                    header_ready,
    input  wire  [            7:0] header_data,
    input  wire                    start,
    input  wire  [OFFSET_BITS-1:0] length,
    output logic                   busy,
    output wire  [OFFSET_BITS-1:0] read_offset,
    input  wire  [            7:0] payload_data,
    output wire                    m_valid,
    input  wire                    m_ready,
    output wire  [            7:0] m_data,
    output wire                    m_last
);
  logic [OFFSET_BITS-1:0] offset, stop;
  logic [1:0] tail;
  logic check;
  wire [31:0] crc;
  wire unused_crc = &crc[31:8];
  wire crc_ready;
  wire finish = busy & ~check & offset == stop;
  wire take = m_valid & m_ready;
  wire payload = busy & ~check;
  wire advance = take & payload;

  assign m_valid = crc_ready & (busy ? check | offset != stop : header_valid);
  assign m_data = check ? ~crc[7:0] : busy ? payload_data : header_data;
  assign m_last = check & (&tail);
  assign header_ready = crc_ready & m_ready & ~busy;
  assign read_offset = busy ? offset + OFFSET_BITS'(advance) : '0;

  crc32 #(
      .BITS(CRC_BITS)
  ) crc32_i (
      .clk(clk),
      .clear(rst | (take & m_last)),
      .s_valid(take),
      .s_ready(crc_ready),
      .s_zero(check),
      .s_data(m_data),
      .crc(crc)
  );

  always_ff @(posedge clk) begin
    if (rst) begin
      busy  <= 1'b0;
      check <= 1'b0;
    end else begin
      busy  <= start | (busy & ~(take & m_last));
      check <= finish | (check & ~(take & m_last));
    end
    if (start) stop <= length;
    offset <= read_offset;
    if (!check) tail <= 2'd0;
    else if (take) tail <= tail + 1'b1;
  end
endmodule
`default_nettype wire
