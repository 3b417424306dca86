// serial_loop: random frames through the framing, the serial line and back, of hdl/link.
`default_nettype none
module serial_loop (
    input  wire         clk,
    output wire [31:0] state
);
  wire rst;
  wire [63:0] random;
  stimulus stimulus_i (.clk(clk), .rst(rst), .random(random));

  logic [7:0] data;
  logic valid;
  wire ready, last = data[4:0] == 5'd3;
  always_ff @(posedge clk)
    if (rst) valid <= 1'b0;
    else if (~valid | ready) begin
      valid <= random[0];
      data <= random[15:8];
    end

  wire framed_valid, framed_ready, tx;
  wire [7:0] framed;
  hdlc_tx hdlc_tx_i (.clk(clk), .rst(rst), .s_valid(valid), .s_ready(ready), .s_data(data), .s_last(last),
      .m_valid(framed_valid), .m_ready(framed_ready), .m_data(framed));
  uart_tx #(.DIVISOR(8)) uart_tx_i (.clk(clk), .rst(rst), .s_valid(framed_valid), .s_ready(framed_ready),
      .s_data(framed), .tx(tx));

  wire line_valid, framing_error;
  wire [7:0] line;
  uart_rx #(.DIVISOR(8)) uart_rx_i (.clk(clk), .rst(rst), .rx(tx), .m_valid(line_valid), .m_data(line),
      .framing_error(framing_error));
  wire rx_valid, rx_ready;
  wire [7:0] rx;
  byte_fifo fifo_i (.clk(clk), .rst(rst), .s_valid(line_valid), .s_data(line), .m_valid(rx_valid),
      .m_ready(rx_ready), .m_data(rx));
  wire out_valid, out_end, out_abort;
  wire [7:0] out;
  hdlc_rx hdlc_rx_i (.clk(clk), .rst(rst), .s_valid(rx_valid), .s_ready(rx_ready), .s_data(rx), .m_valid(out_valid),
      .m_ready(random[40]), .m_data(out), .m_end(out_end), .m_abort(out_abort));

  logic [31:0] crc;
  wire take = out_valid & random[40];
  crc32 crc_i (.clk(clk), .clear(take & out_end), .s_valid(take & ~out_end), .s_ready(), .s_zero(1'b0), .s_data(out),
      .crc(crc));
  wire [31:0] value = {tx, framing_error, out_abort, 13'd0, 16'd0} ^ (take & out_end ? crc : 32'd0);
  signature signature_i (.clk(clk), .value(value), .state(state));
endmodule
`default_nettype wire
