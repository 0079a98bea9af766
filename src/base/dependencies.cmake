target_link_libraries(torque_base PRIVATE torque_fmt)
# base/format.h shows its users the types of {fmt}, and none of its code.
target_include_directories(torque_base INTERFACE $<TARGET_PROPERTY:torque_fmt,INTERFACE_INCLUDE_DIRECTORIES>)
