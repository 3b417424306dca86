// macro_unpack: five bytes of the stream to one macro-pixel.
//
// Twin of decodeMacroPixels() in src/trigger/macro-bytes.ts: bits 17:0 content, 35:18 search, 39:36 ignored, little
// endian.
//   s_axis_tdata  bytes in the order of the stream, from the first one after rst
//   m_content, m_search  s18
// The last byte stays on s_axis until the macro-pixel is taken: no storage for it, no latency, one byte per clock.
`default_nettype none
module macro_unpack (
    input  wire               clk,
    input  wire               rst,
    input  wire               s_axis_tvalid,
    output wire               s_axis_tready,
    input  wire        [ 7:0] s_axis_tdata,
    output wire               m_valid,
    input  wire               m_ready,
    output wire signed [17:0] m_content,
    output wire signed [17:0] m_search
);
  logic [31:0] held;  // the four bytes before the last one
  logic [ 2:0] count;
  wire complete = count[2];
  assign s_axis_tready = ~rst & (~complete | m_ready);
  assign m_valid = complete & s_axis_tvalid;
  assign {m_search, m_content} = {s_axis_tdata[3:0], held};

  wire take = s_axis_tvalid & s_axis_tready;
  always_ff @(posedge clk)
    if (rst) count <= 3'd0;
    else if (take) count <= complete ? 3'd0 : count + 3'd1;
  always_ff @(posedge clk) if (take & ~complete) held <= {s_axis_tdata, held[31:8]};
endmodule
`default_nettype wire
