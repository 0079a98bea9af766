target_link_libraries(torque_plan PRIVATE fmt::fmt)
