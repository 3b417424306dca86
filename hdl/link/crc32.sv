// crc32: CRC-32/ISO-HDLC (zlib) of the bytes since `clear`, BITS of them per clock.
//
// `crc` is the remainder, not yet inverted; behind a message and its own CRC it is DEBB20E3. `s_zero` with `s_valid`
// takes a byte that clears the low byte of the remainder: it moves the remainder down by 8 bits, to send it.
// BITS 8: one byte per clock. BITS 1: one byte per 9 clocks, about half the logic.
`default_nettype none
module crc32 #(
    parameter int BITS = 8
) (
    input  wire         clk,
    input  wire         clear,
    input  wire         s_valid,
    output wire         s_ready,
    input  wire         s_zero,
    input  wire  [ 7:0] s_data,
    output logic [31:0] crc
);
  function automatic logic [31:0] divide(input logic [31:0] remainder, input int count);
    divide = remainder;
    for (int i = 0; i < count; i++)
      divide = {1'b0, divide[31:1]} ^ (divide[0] ? 32'hEDB88320 : 32'd0);
  endfunction

  wire [7:0] low = s_zero ? 8'd0 : crc[7:0] ^ s_data;

  generate
    if (BITS == 8) begin : g_byte
      assign s_ready = 1'b1;
      always_ff @(posedge clk)
        if (clear) crc <= '1;
        else if (s_valid) crc <= divide({crc[31:8], low}, 8);
    end else begin : g_bit
      logic [3:0] left;
      assign s_ready = left == 0;
      always_ff @(posedge clk)
        if (clear) begin
          crc  <= '1;
          left <= 4'd0;
        end else if (left != 0) begin
          crc  <= divide(crc, 1);
          left <= left - 1'b1;
        end else if (s_valid) begin
          crc[7:0] <= low;
          left <= 4'd8;
        end
    end
  endgenerate
endmodule
`default_nettype wire
