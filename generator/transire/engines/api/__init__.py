"""What every engine declares and gives: releases, capabilities, kinds, readings, views."""
