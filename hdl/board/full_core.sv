// full_core: gemgate_core behind the byte streams and the register bus of a link endpoint.
`default_nettype none
module full_core #(
    parameter logic [31:0] BUILD = 32'd0
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        session,
    input  wire        reg_valid,
    input  wire        reg_write,
    input  wire [15:0] reg_address,
    input  wire [31:0] reg_write_data,
    output wire        reg_ready,
    output wire [31:0] reg_read_data,
    input  wire        s_axis_tvalid,
    output wire        s_axis_tready,
    input  wire [ 7:0] s_axis_tdata,
    output wire        m_axis_tvalid,
    input  wire        m_axis_tready,
    output wire [ 7:0] m_axis_tdata,
    output wire        m_axis_tlast
);
  wire core_write, core_read, pixel_valid, pixel_ready, word_valid, word_ready, word_last;
  wire [ 4:0] core_address;
  wire [31:0] core_write_data, core_read_data, word_data;
  wire [47:0] pixel_data;

  core_bytes core_bytes_i (
      .clk(clk),
      .rst(rst),
      .session(session),
      .reg_valid(reg_valid),
      .reg_write(reg_write),
      .reg_address(reg_address),
      .reg_write_data(reg_write_data),
      .reg_ready(reg_ready),
      .reg_read_data(reg_read_data),
      .s_axis_tvalid(s_axis_tvalid),
      .s_axis_tready(s_axis_tready),
      .s_axis_tdata(s_axis_tdata),
      .m_axis_tvalid(m_axis_tvalid),
      .m_axis_tready(m_axis_tready),
      .m_axis_tdata(m_axis_tdata),
      .m_axis_tlast(m_axis_tlast),
      .core_write(core_write),
      .core_read(core_read),
      .core_address(core_address),
      .core_write_data(core_write_data),
      .core_read_data(core_read_data),
      .core_s_tvalid(pixel_valid),
      .core_s_tready(pixel_ready),
      .core_s_tdata(pixel_data),
      .core_m_tvalid(word_valid),
      .core_m_tready(word_ready),
      .core_m_tdata(word_data),
      .core_m_tlast(word_last)
  );

  gemgate_core #(
      .BUILD(BUILD)
  ) gemgate_core_i (
      .clk(clk),
      .rst(rst),
      .reg_write(core_write),
      .reg_read(core_read),
      .reg_address(core_address),
      .reg_write_data(core_write_data),
      .reg_read_data(core_read_data),
      .s_axis_tvalid(pixel_valid),
      .s_axis_tready(pixel_ready),
      .s_axis_tdata(pixel_data),
      .m_axis_tvalid(word_valid),
      .m_axis_tready(word_ready),
      .m_axis_tdata(word_data),
      .m_axis_tlast(word_last)
  );
endmodule
`default_nettype wire
