"""How the editor thinks: size, pace, whom to frame, camera, joins, polish and words, one file each."""
